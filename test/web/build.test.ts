// The built pages: made once for the same sources, small, and with no script but the copy buttons.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { performance } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { buildPages, sourceStamp } from '../../web/build.ts';
import { root, sourcePaths } from './sources.ts';

const budget = { cssGzipBytes: 15_000, scriptGzipBytes: 1_500, fontBytes: 30_000 };
const client = 'web/build/client';

test('building again does nothing and takes no time', async () => {
  await buildPages();
  const began = performance.now();
  assert.equal(await buildPages(), 'fresh');
  assert.ok(performance.now() - began < 500, 'a build that has nothing to do must be quick');
  assert.equal(sourceStamp(), readFileSync(join(root, 'web/build/stamp'), 'utf8'));
});

test('the stylesheet is one file within its budget', () => {
  const sheets = sourcePaths(`${client}/**/*.css`);
  assert.equal(sheets.length, 1, sheets.join(', '));
  const bytes = gzipSync(readFileSync(join(root, sheets[0] ?? '')), { level: 9 }).length;
  assert.ok(bytes <= budget.cssGzipBytes, `${bytes} bytes of CSS after gzip; the budget is ${budget.cssGzipBytes}`);
});

test('the only script is the copy buttons', () => {
  const scripts = sourcePaths(`${client}/**/*.{js,mjs}`);
  assert.equal(scripts.length, 1, scripts.join(', '));
  assert.match(scripts[0] ?? '', /\/copy\.[\w-]+\.js$/);
  const bytes = gzipSync(readFileSync(join(root, scripts[0] ?? '')), { level: 9 }).length;
  assert.ok(bytes <= budget.scriptGzipBytes, `${bytes} bytes of script after gzip`);
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
