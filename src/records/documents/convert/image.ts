// Photographs and scans as pages: their pixels, upright, one page for each picture in the file.
// It must carry over nothing but pixels; what else the file says is told to the reviewer.

import sharp from 'sharp';
import type { Metadata } from 'sharp';

import type { Converted } from './convert.ts';
import type { DocumentFlag, HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import { toImagePdf } from '../pdf/image-pdf.ts';
import type { ImagePage } from '../pdf/image-pdf.ts';

const mostPixels = 120_000_000;
const mostFrames = 2_000;
/** A page is as large as the picture was scanned, where that is believable; else it fits a letter page. */
const believable = { least: 36, most: 3_600 };

export async function convertImage(bytes: Buffer): Promise<Converted> {
  const about = await readAbout(bytes);
  const frames = Math.min(about.pages ?? 1, mostFrames);
  const isAnimated = about.format === 'gif' || about.format === 'webp';
  const shown = isAnimated ? 1 : frames; // one frame stands for a moving picture; that there are more is told
  const pages: ImagePage[] = [];
  for (let frame = 0; frame < shown; frame++) pages.push(await readFrame(bytes, frame, about.density ?? 72));
  const flags: DocumentFlag[] = [];
  const hidden: HiddenItem[] = [];
  if (hasCameraData(about)) {
    flags.push('camera-data');
    hidden.push({ kind: 'camera-data', where: 'the picture', text: toWhat(about) });
  }
  if (shown < (about.pages ?? 1)) flags.push('cut');
  return { pdf: toImagePdf(pages), hidden, flags, attachments: [] };
}

async function readAbout(bytes: Buffer): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: mostPixels }).metadata();
  } catch (error) {
    throw toFileError(error);
  }
}

async function readFrame(bytes: Buffer, frame: number, density: number): Promise<ImagePage> {
  try {
    const upright = sharp(bytes, { page: frame, limitInputPixels: mostPixels, failOn: 'truncated' }).autoOrient();
    const { data, info } = await upright
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const channels = info.channels === 1 ? 1 : 3;
    const image = sharp(data, { raw: { width, height, channels: info.channels } });
    const jpeg = await image.jpeg({ quality: 93, chromaSubsampling: '4:4:4' }).toBuffer();
    return { jpeg, pixels: { width, height }, channels, ...toSize(width, height, density) };
  } catch (error) {
    throw toFileError(error);
  }
}

function toSize(width: number, height: number, density: number): { readonly width: number; readonly height: number } {
  const scanned = { width: (width * 72) / density, height: (height * 72) / density };
  const isSound =
    density > 72 && Object.values(scanned).every((side) => side >= believable.least && side <= believable.most);
  if (isSound) return scanned;
  const scale = Math.min(612 / width, 792 / height);
  return { width: Math.max(width * scale, 10), height: Math.max(height * scale, 10) };
}

function toFileError(error: unknown): FileError {
  const words = error instanceof Error ? error.message : '';
  return new FileError(/pixel limit|exceeds/iu.test(words) ? 'too-large' : 'corrupt', words.slice(0, 200));
}

function hasCameraData({ exif, xmp, iptc, comments }: Metadata): boolean {
  return exif !== undefined || xmp !== undefined || iptc !== undefined || (comments?.length ?? 0) > 0;
}

function toWhat({ exif, xmp, iptc, comments }: Metadata): string {
  const parts = [
    exif === undefined
      ? null
      : `camera data (EXIF, ${exif.length} bytes: it may say when, where and with what the picture was taken, and hold a small copy of it)`,
    xmp === undefined ? null : `editing data (XMP, ${xmp.length} bytes)`,
    iptc === undefined ? null : `caption data (IPTC, ${iptc.length} bytes)`,
    (comments?.length ?? 0) > 0 ? `comments (${comments?.length})` : null,
  ];
  return parts.filter((part) => part !== null).join('; ');
}
