// The built pages: made once for the same sources, small, and with no script but the few that are named here.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { setTimeout as wait } from 'node:timers/promises';
import { buildPages, lockBuild, sourceStamp } from '../../web/build.ts';
import { root, sourcePaths } from './sources.ts';

const budget = {
  cssGzipBytes: 15_000,
  scriptGzipBytes: { copy: 1_500, passkey: 1_500, redact: 3_000, suggest: 1_500 },
  fontBytes: 30_000,
};
const client = 'web/build/client';

test('building again does nothing and takes no time', async () => {
  await buildPages();
  const before = process.cpuUsage();
  assert.equal(await buildPages(), 'fresh');
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 500_000, 'a build that has nothing to do must be quick');
  assert.equal(sourceStamp(), readFileSync(join(root, 'web/build/stamp'), 'utf8'));
});

test('the stylesheet is one file within its budget', () => {
  const sheets = sourcePaths(`${client}/**/*.css`);
  assert.equal(sheets.length, 1, sheets.join(', '));
  const bytes = gzipSync(readFileSync(join(root, sheets[0] ?? '')), { level: 9 }).length;
  assert.ok(bytes <= budget.cssGzipBytes, `${bytes} bytes of CSS after gzip; the budget is ${budget.cssGzipBytes}`);
});

test('no scripts but these four, each small; every page works without them', () => {
  const scripts = sourcePaths(`${client}/**/*.{js,mjs}`);
  const named = scripts.map((path) => /\/([a-z]+)\.[\w-]+\.js$/.exec(path)?.[1]);
  assert.deepEqual(named, Object.keys(budget.scriptGzipBytes));
  for (const [index, limit] of Object.values(budget.scriptGzipBytes).entries()) {
    const bytes = gzipSync(readFileSync(join(root, scripts[index]!)), { level: 9 }).length;
    assert.ok(bytes <= limit, `${bytes} bytes of script after gzip in ${scripts[index]}; the budget is ${limit}`);
  }
});

test('the font that every page loads is small, and the others load only for their letters', () => {
  const fonts = sourcePaths(`${client}/**/*.woff2`);
  const latin = fonts.find((path) => /latin-wght/.test(path));
  assert.ok(latin);
  assert.ok(statSync(join(root, latin)).size <= budget.fontBytes);
  const css = readFileSync(join(root, sourcePaths(`${client}/**/*.css`)[0] ?? ''), 'utf8');
  const faces = css.match(/@font-face\{[^}]*url[^}]*\}/g) ?? [];
  assert.equal(faces.length, fonts.length);
  assert.ok(faces.every((face) => /unicode-range/.test(face)));
});

test('a class of its own is described in one file: what another file says of the same name would hold everywhere', () => {
  const places = sourcePaths('web/src/lib/styles/*.css').flatMap((path) => {
    const heads = readFileSync(join(root, path), 'utf8').match(/^\.[\w-]+(?:,\n\.[\w-]+)*(?= \{)/gm) ?? [];
    return heads.flatMap((head) => head.split(',\n')).map((name) => ({ name, path }));
  });
  assert.ok(places.length > 200);
  const files = Map.groupBy(places, ({ name }) => name);
  const shared = [...files].filter(([, found]) => new Set(found.map(({ path }) => path)).size > 1);
  assert.deepEqual(
    shared.map(([name]) => name),
    [],
  );
});

test('the stylesheet asks nothing of another host and holds nothing inline', () => {
  const css = readFileSync(join(root, sourcePaths(`${client}/**/*.css`)[0] ?? ''), 'utf8');
  assert.equal(
    /url\((["']?)(https?:|data:|\/\/)/.test(css),
    false,
    'the stylesheet asks another host, or holds data inline',
  );
  const layers = ['reset', 'tokens', 'base', 'layout', 'components', 'utilities'].map((name) =>
    css.indexOf(`@layer ${name}`),
  );
  assert.ok(layers.every((place) => place >= 0));
  assert.deepEqual(
    layers,
    layers.toSorted((a, b) => a - b),
    'layers come in the order of the cascade',
  );
});

test('nobody builds while another does; a builder that was killed holds nobody up', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-build-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const held = `const { lockBuild } = await import(${JSON.stringify(join(root, 'web/build.ts'))});
    await lockBuild(${JSON.stringify(folder)}); process.stdout.write('held'); setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', held], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => other.kill('SIGKILL'));
  await once(other.stdout, 'data');
  let mine: { release(): void } | null = null;
  const taking = lockBuild(folder).then((lock) => (mine = lock));
  await wait(700);
  assert.equal(mine, null, 'the other one builds');
  other.kill('SIGKILL');
  (await taking).release();
});
