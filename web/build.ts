// Builds the web pages into web/build when they are missing or older than their sources; says nothing when there is
// nothing to do. It must not build twice for the same sources, nor two at once: a stamp of their content decides, and a
// lock.

import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const project = dirname(import.meta.dirname);
const stampFile = 'web/build/stamp';
const lockFile = 'web/.svelte-kit/build.lock';
const sqliteBusy = 5;
const lockPauseMs = 200;

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

/**
 * Waits until no other process builds here. SQLite's exclusive transaction is a lock that the kernel gives back when
 * its process ends, however it ends: there is no stale owner to tell from a living one.
 */
export async function lockBuild(root: string = project): Promise<{ release(): void }> {
  mkdirSync(join(root, dirname(lockFile)), { recursive: true });
  const lock = new DatabaseSync(join(root, lockFile), { timeout: 0 });
  for (;;) {
    try {
      lock.exec('begin exclusive');
      return { release: () => lock.close() };
    } catch (error) {
      if (!(error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy)) {
        lock.close();
        throw error;
      }
    }
    await wait(lockPauseMs);
  }
}

/** Builds when needed and says whether it did. Throws what Vite throws. The working folder becomes the project's. */
export async function buildPages(root: string = project): Promise<'built' | 'fresh'> {
  if (isFresh(root, sourceStamp(root))) return 'fresh';
  const lock = await lockBuild(root);
  try {
    // Whoever had the lock may have built just this, and sources may have changed meanwhile.
    const stamp = sourceStamp(root);
    if (isFresh(root, stamp)) return 'fresh';
    requireBuilder();
    await build(root);
    writeFileSync(join(root, stampFile), stamp);
    return 'built';
  } finally {
    lock.release();
  }
}

function requireBuilder(): void {
  try {
    import.meta.resolve('vite');
  } catch (error) {
    throw new Error(
      'The pages have to be built, and the packages that build them are not here. Run “npm ci” without --omit=dev, ' +
        'or take a release, which holds built pages.',
      { cause: error },
    );
  }
}

async function build(root: string): Promise<void> {
  // adapter-node reads package.json from the working folder to know which packages stay outside the build.
  process.chdir(root);
  rmSync('web/.svelte-kit/output', { recursive: true, force: true });
  rmSync(stampFile, { force: true });
  mkdirSync('web/build', { recursive: true });
  const { createBuilder } = await import('vite');
  const builder = await createBuilder({ configFile: 'web/vite.config.ts', mode: 'production' });
  await builder.buildApp();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPages();
