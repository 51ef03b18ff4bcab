// A program of its own: compresses one file into another at the lowest priority. Arguments: source, target, encoding.
// It must not be imported; downloads.ts starts it.

import { constants as system, setPriority } from 'node:os';
import { compressFile, type Encoding } from './compressor.ts';

const [source, target, encoding] = process.argv.slice(2);
if (source === undefined || target === undefined) throw new Error('Needs a source, a target and an encoding.');
if (encoding !== 'gzip' && encoding !== 'zstd' && encoding !== 'br') throw new Error(`No such encoding: ${encoding}`);

setPriority(system.priority.PRIORITY_LOW);
await compressFile(source, target, encoding satisfies Encoding);
