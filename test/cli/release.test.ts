// A release: the same bytes from the same state, all that a portal needs and nothing that builds or tests it.
// It must start what was packed, with no package that only work on the portal needs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';

import { makeRelease, refusal } from '../../bin/release.ts';
import { openMigratedDatabase } from '../database.ts';
import { readProject, root } from '../source.ts';
import { serve, temporaryFolder } from './portal-process.ts';

const { version } = JSON.parse(readProject('package.json')) as { version: string };
const name = `municipal-data-portal-${version}`;

test('a release is the same bytes whenever it is made, and says its checksum', async (t) => {
  const folder = temporaryFolder(t);
  const [first, second] = [await makeRelease(join(folder, 'first')), await makeRelease(join(folder, 'second'))];
  assert.equal(first.sha256, second.sha256);
  assert.deepEqual(readFileSync(first.path), readFileSync(second.path));
  assert.equal(readFileSync(`${first.path}.sha256`, 'utf8'), `${first.sha256}  ${name}.tar.gz\n`);
});

test('a state without a name, or with changes, is no release', () => {
  const changelog = '# Changelog\n\n## [Unreleased]\n\n## [0.2.0] – 2026-11-30\n';
  assert.equal(refusal({ version: '0.2.0', changelog, changed: '' }), null);
  assert.match(refusal({ version: '0.3.0', changelog, changed: '' }) ?? '', /no section “## \[0\.3\.0\]/u);
  assert.match(refusal({ version: '0.2.0', changelog, changed: ' M README.md' }) ?? '', /README\.md/u);
});

type Locked = { readonly dev?: boolean; readonly devOptional?: boolean };

/** What `npm ci --omit=dev` would put there, as links. */
function linkPackages(home: string): void {
  const { packages } = JSON.parse(readProject('package-lock.json')) as { packages: Readonly<Record<string, Locked>> };
  for (const [path, { dev, devOptional }] of Object.entries(packages)) {
    const top = /^node_modules\/(@[^/]+\/)?[^/]+$/u.test(path);
    if (!top || dev === true || devOptional === true || !existsSync(join(root, path))) continue;
    mkdirSync(join(home, dirname(path)), { recursive: true });
    symlinkSync(join(root, path), join(home, path));
  }
}

test('a release starts with its own packages alone, and its pages are there', async (t) => {
  const folder = temporaryFolder(t);
  const { path } = await makeRelease(folder);
  const unpacked = spawnSync('tar', ['-xzf', path, '-C', folder], { encoding: 'utf8' });
  assert.equal(unpacked.status, 0, unpacked.stderr);
  const home = join(folder, name);
  for (const left of ['test', 'bench', 'web/src', 'web/build.ts', 'web/vite.config.ts', '.git', 'node_modules']) {
    assert.equal(existsSync(join(home, left)), false, left);
  }
  for (const held of ['bin/portal.js', 'package-lock.json', 'LICENSE', 'docs/operations.md', 'web/build/handler.js']) {
    assert.ok(existsSync(join(home, held)), held);
  }
  assert.deepEqual(readdirSync(join(home, 'migrations')), readdirSync(join(root, 'migrations')));
  linkPackages(home);
  for (const builder of ['vite', 'svelte', '@sveltejs']) {
    assert.equal(existsSync(join(home, 'node_modules', builder)), false, builder);
  }
  const { url: DATABASE_URL } = await openMigratedDatabase({ after });
  const portal = await serve(t, join(folder, 'data'), { SAMPLE: 'off', DATABASE_URL }, home);
  const page = await fetch(portal.url);
  assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
  const sheet = /href="([^"]+\.css)"/u.exec(await page.text())?.[1] ?? '';
  assert.equal((await fetch(new URL(sheet, portal.url))).status, 200, sheet);
  assert.equal(await portal.stop(), 0);
});
