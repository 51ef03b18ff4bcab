// The runner of the tests: what passes, what fails, and a file that would never end.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { addCounts, runTestFiles, type FileRun } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'portal-runner-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const head = "import test from 'node:test'; import assert from 'node:assert';";
const sources: Readonly<Record<string, string>> = {
  good: `${head} test('one', () => assert.ok(true)); test('two', { skip: 'not here' }, () => assert.fail());`,
  bad: `${head} test('one', () => assert.equal(1, 2)); test('two', () => undefined);`,
  empty: 'export const nothing = 1;',
  thrown: `${head} throw new Error('at the top');`,
  ended: `${head} test('one', () => process.exit(0));`,
  open: `${head} import { createServer } from 'node:net'; test('one', () => void createServer().listen(0));`,
  child: `${head} import { spawn } from 'node:child_process';
    test('one', () => spawn('sleep', ['600'], { stdio: 'inherit' }).unref());`,
};

async function run(names: readonly string[], fileMs: number): Promise<{ runs: Map<string, FileRun>; text: string }> {
  const files = names.map((name) => {
    writeFileSync(join(folder, `${name}.mjs`), sources[name] ?? '');
    return `${name}.mjs`;
  });
  let text = '';
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env; // else the files would speak to this very file's runner
  const effects = { env, cwd: folder, write: (part: string) => void (text += part), signal: AbortSignal.any([]) };
  const runs = await runTestFiles(files, { atOnce: 2, testMs: 10_000, fileMs }, effects);
  return { runs: new Map(runs.map((each) => [each.file.replace('.mjs', ''), each])), text };
}

test('a file passes only when it says that all its tests have passed', async () => {
  const { runs, text } = await run(['good', 'bad', 'empty', 'thrown', 'ended'], 60_000);
  const troubles = [...runs]
    .map(([name, { trouble }]) => [name, trouble])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  assert.deepEqual(troubles, [
    ['bad', 'bad.mjs: 1 failed'],
    ['empty', 'empty.mjs ended with 0 and without saying how its tests went'],
    ['ended', 'ended.mjs ended with 0 and without saying how its tests went'],
    ['good', null],
    ['thrown', 'thrown.mjs ended with 1 and without saying how its tests went'],
  ]);
  const { tests, pass, fail, skipped } = addCounts([runs.get('good')!, runs.get('bad')!]);
  assert.deepEqual({ tests, pass, fail, skipped }, { tests: 4, pass: 2, fail: 1, skipped: 1 });
  assert.match(text, /▼ good\.mjs \(\d+\.\d s, computed \d+\.\d s\)/);
  assert.match(text, /at the top/);
  assert.doesNotMatch(text, /^ℹ tests/m);
});

test('a file that holds something open is ended in time, by name, and the others go on', async () => {
  const { runs, text } = await run(['open', 'good'], 8_000);
  assert.match(
    runs.get('open')?.trouble ?? '',
    /^open\.mjs was ended after 8 s: a test or something left open held it$/,
  );
  assert.equal(runs.get('good')?.trouble, null);
  assert.match(text, /✖ open\.mjs was ended after 8 s/);
});

test('what a file leaves running is ended with it', async () => {
  const { runs, text } = await run(['child'], 30_000);
  assert.equal(runs.get('child')?.trouble, null);
  assert.match(text, /child\.mjs left a process behind, which was ended/);
});
