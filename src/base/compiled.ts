// Where the portal keeps what Node has compiled, as a variable for the environment of a child, which starts faster.
// It must not say anything else of the portal's environment.

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/** Empty where the portal keeps nothing. The folder that Node names is one level deeper. */
export function toCompiled(): { readonly NODE_COMPILE_CACHE?: string } {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
