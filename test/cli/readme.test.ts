// The README's examples work as they are printed: each is run, in order, against a portal that has just started.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { shellCommandsOf } from '../markdown.ts';
import { readProject } from '../source.ts';
import { patienceMs } from '../patience.ts';
import { cli, plainEnvironment, serve, temporaryFolder } from './portal-process.ts';

const commands = shellCommandsOf(readProject('README.md')).filter((line) => !/\bnpm /.test(line));
const hasCurl = spawnSync('curl', ['--version']).status === 0;

test('the README has examples of everything', () => {
  for (const part of [
    /q=permits/,
    /\/rows'/,
    /count\(\*\)/,
    /\/resource\//,
    /download\.parquet/,
    /portal describe/,
    /portal publish/,
    /portal verify/,
    /portal backup/,
  ]) {
    assert.ok(
      commands.some((line) => part.test(line)),
      String(part),
    );
  }
});

test('every example of the README works', { skip: !hasCurl && 'curl is not installed' }, async (t) => {
  const folder = temporaryFolder(t);
  const here = join(folder, 'here');
  const dataDir = join(folder, 'data');
  mkdirSync(here);
  const portal = await serve(t, dataDir, { SAMPLE: 'on' });
  const env = { ...plainEnvironment, HOME: folder, DATA_DIR: dataDir, LOG_LEVEL: 'error' };
  for (const line of commands) {
    const command = line
      .replaceAll('http://localhost:8080', portal.url)
      .replace(/^curl /, 'curl --fail-with-body --silent --show-error ')
      .replace(/^npx portal /, `'${process.execPath}' '${cli}' `);
    const ran = spawnSync('sh', ['-c', command], { cwd: here, env, encoding: 'utf8', timeout: patienceMs });
    assert.equal(ran.status, 0, `${line}\n${ran.stdout}${ran.stderr}`);
    if (line.startsWith('curl') && line.includes('/api/v1/')) {
      const { data } = JSON.parse(ran.stdout) as { data: unknown[] };
      assert.ok(data.length > 0, `${line} gives something`);
    }
    if (line.includes('/resource/')) assert.equal(ran.stdout.trim().split('\n').length, 11, 'a header and ten rows');
  }
  for (const made of ['permits.parquet', 'new-permits.csv', 'portal-backup'])
    assert.ok(existsSync(join(here, made)), made);
});
