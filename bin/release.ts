// `npm run release`: the portal as one archive that starts without what builds it: code, cities, migrations,
// built pages.
// It must hold only what git holds and the pages built from it, and the same state must give the same bytes.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';

const project = resolve(import.meta.dirname, '..');

/** What a portal reads when it runs, and what its operators do. No test, no bench, no source of pages. */
const carried = /^((bin|src|sample|city|migrations|docs)\/.+|[A-Z]+\.md|LICENSE|Containerfile|package(-lock)?\.json)$/u;

export type State = { readonly version: string; readonly changelog: string; readonly changed: string };

/** Why this state is no release, in words; null: it is one. */
export function refusal({ version, changelog, changed }: State): string | null {
  if (changed !== '') return `There are changes that are not committed:\n${changed}`;
  const named = changelog.split('\n').some((line) => line.startsWith(`## [${version}] `));
  return named ? null : `CHANGELOG.md has no section “## [${version}] – date”, the version of package.json.`;
}

export type Release = { readonly path: string; readonly sha256: string };

/** Builds the pages when they are stale, then writes the archive and its checksum into `folder`. */
export async function makeRelease(folder: string): Promise<Release> {
  const { buildPages } = await import('../web/build.ts');
  await buildPages(project);
  const name = `municipal-data-portal-${readVersion()}`;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.tar.gz`);
  await writeArchive(path, name, carriedFiles());
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  writeFileSync(`${path}.sha256`, `${sha256}  ${name}.tar.gz\n`);
  return { path, sha256 };
}

function carriedFiles(): readonly string[] {
  const tracked = git('ls-files', '-z')
    .split('\0')
    .filter((path) => carried.test(path));
  const built = globSync('web/build/**/*', { cwd: project, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1));
  return [...tracked, ...built].sort();
}

/** GNU tar; order, owners, modes and time do not depend on whose clone this is. */
async function writeArchive(path: string, name: string, files: readonly string[]): Promise<void> {
  const time = git('log', '-1', '--format=%ct').trim();
  const same = [
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u=rwX,go=rX',
    `--mtime=@${time}`,
    '--format=ustar',
  ];
  const args = ['--create', ...same, `--transform=s,^,${name}/,`, '--null', '--files-from=-'];
  const tar = spawn('tar', args, { cwd: project, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((done, failed) => tar.once('error', failed).once('close', done));
  tar.stdin.end(files.join('\0'));
  await pipeline(tar.stdout, createGzip({ level: 9 }), createWriteStream(path));
  const code = await ended;
  if (code !== 0) throw new Error(`tar ended with ${code}`);
}

function git(...args: readonly string[]): string {
  const done = spawnSync('git', args, { cwd: project, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr || String(done.error)}`);
  return done.stdout;
}

function readVersion(): string {
  return (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string }).version;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, 'as-it-is': { type: 'boolean' } } });
  const changelog = readFileSync(join(project, 'CHANGELOG.md'), 'utf8');
  const refused = refusal({ version: readVersion(), changelog, changed: git('status', '--porcelain').trim() });
  if (refused !== null && values['as-it-is'] !== true) {
    process.stderr.write(`${refused}\nThis is no release. To try one all the same: npm run release -- --as-it-is\n`);
    return 1;
  }
  const { path, sha256 } = await makeRelease(resolve(values.out ?? join(project, 'release')));
  process.stdout.write(`${path}\n${sha256}\n`);
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = await main();
