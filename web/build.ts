// Builds the web pages into web/build when they are missing or older than their sources; says nothing when there is nothing to do.
// It must not build twice for the same sources: a stamp of their content decides.

import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = dirname(import.meta.dirname);
const stampFile = 'web/build/stamp';

/** Everything that the built pages are made of, in a fixed order. The lock file stands for every package. */
function sourceFiles(root: string): string[] {
  const found = globSync(['web/src/**/*', 'web/static/**/*', 'web/messages/*.json'], {
    cwd: root,
    withFileTypes: true,
  });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return [
    ...files,
    ...['web/vite.config.ts', 'web/build.ts', 'package-lock.json'].map((name) => join(root, name)),
  ].sort();
}

/** SHA-256 over the names and bytes of the sources. */
export function sourceStamp(root: string = project): string {
  const hash = createHash('sha256');
  for (const file of sourceFiles(root)) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function isFresh(root: string, stamp: string): boolean {
  const path = join(root, stampFile);
  return existsSync(path) && readFileSync(path, 'utf8') === stamp && existsSync(join(root, 'web/build/handler.js'));
}

/** Builds when needed and says whether it did. Throws what Vite throws. The working folder becomes the project's. */
export async function buildPages(root: string = project): Promise<'built' | 'fresh'> {
  const stamp = sourceStamp(root);
  if (isFresh(root, stamp)) return 'fresh';
  // adapter-node reads package.json from the working folder to know which packages stay outside the build.
  process.chdir(root);
  rmSync('web/.svelte-kit/output', { recursive: true, force: true });
  rmSync(stampFile, { force: true });
  mkdirSync('web/build', { recursive: true });
  const { createBuilder } = await import('vite');
  const builder = await createBuilder({ configFile: 'web/vite.config.ts', mode: 'production' });
  await builder.buildApp();
  writeFileSync(stampFile, stamp);
  return 'built';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPages();
