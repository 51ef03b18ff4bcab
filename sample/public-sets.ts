// Real public data with a stated licence, narrowed to the state, as it lies in sample/data;
// sources.json there tells of each.
// It must not change a value: rows were chosen, never edited.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function readPublicSet(fileName: string): string {
  return readFileSync(join(import.meta.dirname, 'data', fileName), 'utf8');
}
