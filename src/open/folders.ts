// Where the project's own files lie: its root, and the folder of the city that it serves.
// It must know nothing of DATA_DIR; the configuration does.

import { join, resolve } from 'node:path';

import type { Config } from '../base/config.ts';

export const projectFolder = resolve(import.meta.dirname, '..', '..');

/** city/<name> */
export function cityFolder(config: Pick<Config, 'city'>): string {
  return join(projectFolder, 'city', config.city);
}
