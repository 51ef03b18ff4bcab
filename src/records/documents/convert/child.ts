// The process that lays out one file as pages. Started by convert.ts under limits, never imported.
// It must write nothing and ask nothing of the network.

import { answerQuestions, readInput } from '../child-loop.ts';
import { convertImage } from './image.ts';
import { convertMail } from './convert-mail.ts';
import { convertOffice } from './office.ts';
import { convertText } from './text.ts';
import type { Converted } from './convert.ts';

async function convert(kind: string, mediaType: string, timeZone: string, bytes: Buffer): Promise<Converted> {
  switch (kind) {
    case 'image':
      return convertImage(bytes);
    case 'mail':
      return convertMail(bytes, mediaType, timeZone);
    case 'office':
      return convertOffice(bytes, mediaType);
    case 'text':
      return convertText(bytes);
    default:
      throw new Error(`unknown question ${kind}`);
  }
}

function run(): void {
  answerQuestions(async ({ kind, mediaType, timeZone, bytes }) => {
    const file = Buffer.alloc(Number(bytes));
    await readInput(file.length, (at, piece) => file.set(piece, at));
    return convert(kind, String(mediaType), String(timeZone), file);
  });
}

run();
