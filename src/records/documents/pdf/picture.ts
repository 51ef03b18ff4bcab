// Pixels as a picture: burnt boxes, then the encoding that suits what the page shows (flat print or photograph).
// It must keep nothing but pixels: no profile, no thumbnail, no words.

import { crc32, deflateSync } from 'node:zlib';

import sharp from 'sharp';

import type { Box, PageSize } from '../document.ts';
import type { Pixels } from './pdfium.ts';

/** As a PDF holds it: `flate` is rows of samples, `jpeg` a whole file. */
export type Picture = {
  readonly encoding: 'flate' | 'jpeg';
  readonly bits: 4 | 8;
  readonly channels: 1 | 3;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
};

/** Makes every pixel that a box touches black, for good. */
export function burn({ data, width, height }: Pixels, page: PageSize, boxes: readonly Box[]): void {
  const [across, down] = [width / page.width, height / page.height];
  for (const box of boxes) {
    const left = Math.max(0, Math.floor(box[0] * across));
    const right = Math.min(width, Math.ceil(box[2] * across));
    const top = Math.max(0, Math.floor(box[1] * down));
    const bottom = Math.min(height, Math.ceil(box[3] * down));
    for (let y = top; y < bottom; y++) data.fill(0, (y * width + left) * 4, (y * width + right) * 4);
  }
}

const jpegQuality = 84;
/** Bytes a pixel above which print is no longer print: a photograph or a scan. */
const mostFlat = 0.15;
const sampledRows = 16;

export async function toPicture(pixels: Pixels): Promise<Picture> {
  const { width, height } = pixels;
  const channels = isGrey(pixels) ? 1 : 3;
  const rows = toRows(pixels, channels);
  if (isFlat(rows, width, height)) {
    const bytes = deflateSync(rows, { level: 5 });
    return { encoding: 'flate', bits: channels === 1 ? 4 : 8, channels, width, height, bytes };
  }
  return { encoding: 'jpeg', bits: 8, channels, width, height, bytes: await toJpeg(pixels, channels) };
}

async function toJpeg({ data, width, height }: Pixels, channels: 1 | 3): Promise<Uint8Array> {
  const image = sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
  const coloured = channels === 1 ? image.greyscale() : image;
  return coloured.jpeg({ quality: jpegQuality, chromaSubsampling: '4:4:4' }).toBuffer();
}

const leastColour = 14;

function isGrey({ data }: Pixels): boolean {
  for (let at = 0; at < data.length; at += 4) {
    const red = data[at]!;
    const green = data[at + 1]!;
    const blue = data[at + 2]!;
    if (red === green && green === blue) continue;
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > leastColour) return false;
  }
  return true;
}

/** Sixteen levels of each colour: what print needs, and a tenth of the bytes. Grey is two samples a byte. */
function toRows({ data, width, height }: Pixels, channels: 1 | 3): Uint8Array {
  if (channels === 3) {
    const rows = new Uint8Array(width * height * 3);
    for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
      rows[to] = (data[from]! >> 4) * 17;
      rows[to + 1] = (data[from + 1]! >> 4) * 17;
      rows[to + 2] = (data[from + 2]! >> 4) * 17;
    }
    return rows;
  }
  const rowBytes = (width + 1) >> 1;
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    let from = y * width * 4;
    for (let x = 0; x < width; x += 2, from += 8) {
      const next = x + 1 < width ? data[from + 4]! >> 4 : 15;
      rows[y * rowBytes + (x >> 1)] = (data[from]! & 0xf0) | next;
    }
  }
  return rows;
}

function isFlat(rows: Uint8Array, width: number, height: number): boolean {
  const rowBytes = rows.length / height;
  const step = Math.max(1, Math.floor(height / sampledRows / 8));
  const sample: Uint8Array[] = [];
  for (let y = 0; y < height; y += step) sample.push(rows.subarray(y * rowBytes, (y + 1) * rowBytes));
  return deflateSync(Buffer.concat(sample), { level: 1 }).length < mostFlat * width * sample.length;
}

/** A page for a screen: PNG when it is print, else JPEG. */
export async function toPreview(pixels: Pixels): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array }> {
  const channels = isGrey(pixels) ? 1 : 3;
  const rows = toRows(pixels, channels);
  if (!isFlat(rows, pixels.width, pixels.height)) {
    return { mediaType: 'image/jpeg', bytes: await toJpeg(pixels, channels) };
  }
  return { mediaType: 'image/png', bytes: toPng(rows, pixels.width, pixels.height, channels) };
}

function toPng(rows: Uint8Array, width: number, height: number, channels: 1 | 3): Uint8Array {
  const rowBytes = rows.length / height;
  const filtered = new Uint8Array(rows.length + height); // filter 0 before each row
  for (let y = 0; y < height; y++)
    filtered.set(rows.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = channels === 1 ? 4 : 8;
  head[9] = channels === 1 ? 0 : 2;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [
    toChunk('IHDR', head),
    toChunk('IDAT', deflateSync(filtered, { level: 3 })),
    toChunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([signature, ...parts]);
}

function toChunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
