// `portal admin` as somebody types it, and the link that the first start prints.
// It must run the real command on a real portal.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { spawn } from 'node:child_process';
import { cli, plainEnvironment, root, runHere, runPortal, serve, temporaryFolder } from '../cli/portal-process.ts';
import { openEmptyDatabase } from '../database.ts';

test('portal admin invites through a running portal, and lists', async (t) => {
  const folder = temporaryFolder(t);
  const { url } = await openEmptyDatabase(t);
  const settings = { DATA_DIR: folder, DATABASE_URL: url, SAMPLE: 'off' };
  const served = await serve(t, folder, settings);
  assert.match((await runHere(['admin', 'list'], settings)).out, /^There are no accounts\.$/m);
  const ran = runPortal(
    ['admin', 'invite', '--email', 'ana@example.gov', '--name', 'Ana', '--role', 'clerk'],
    settings,
  );
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.out, /^http:\/\/localhost:\d+\/sign-in\/invitation\/invitation_[\w-]{43}\n$/);
  assert.match(ran.err, /good once until 20/);
  assert.match((await runHere(['admin', 'list'], settings)).out, /^Ana +ana@example\.gov +clerk +invited$/m);
  const again = await runHere(['admin', 'invite', '--email', 'ana@example.gov', '--again', '--json'], settings);
  assert.equal(again.code, 0, again.err);
  assert.notEqual((JSON.parse(again.out) as { link: string }).link, ran.out.trim());
  assert.equal((await runHere(['admin', 'invite', '--email', 'b@example.gov'], settings)).code, 2);
  const wrong = await runHere(
    ['admin', 'invite', '--email', 'b@example.gov', '--name', 'B', '--role', 'king'],
    settings,
  );
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /\[bad-request\]/);
  const missing = await runHere(['admin', 'invite', '--email', 'nobody@example.gov', '--again'], settings);
  assert.equal(missing.code, 3);
  await served.stop();
});

test('a start with no account prints a link for the first administrator, and no password', async (t) => {
  const folder = temporaryFolder(t);
  const { url } = await openEmptyDatabase(t);
  const env = { ...plainEnvironment, LOG_LEVEL: 'error', PORT: '0' };
  const settings = { ...env, DATA_DIR: folder, DATABASE_URL: url, SAMPLE: 'off' };
  const child = spawn(process.execPath, [cli, 'serve'], {
    env: settings,
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  try {
    const out = await new Promise<string>((done, fail) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('portal admin invite')) done(text);
      });
      child.once('exit', (code) => fail(new Error(`it ended with ${code}: ${text}`)));
    });
    const link = /^ {2}(http:\/\/localhost:\d+\/sign-in\/invitation\/invitation_[\w-]{43})$/m.exec(out)?.[1];
    assert.ok(link, out);
    const page = await fetch(link);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /first administrator/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
  } finally {
    child.kill('SIGTERM');
    await ended; // before its database goes
  }
});
