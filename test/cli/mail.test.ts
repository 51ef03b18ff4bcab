// `portal mail receive` as a mail server's pipe runs it: a process, a message on its standard input, an exit code.
// It must hand in bytes as they travel, not text.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';

import { receivedMail } from '../../src/db/tables-mail.ts';
import { readRaw } from '../../src/mail/receive.ts';
import { openTestPortal } from '../portal.ts';
import { cli, plainEnvironment, root, runHere, type Ran } from './portal-process.ts';

const site = await openTestPortal({ after });
const url = await site.listen();
const { database, seal, machineKey } = site.portal;
const message = Buffer.concat([
  Buffer.from('From: ada@example.org\r\nMessage-ID: <pipe@example.org>\r\nSubject: Permits\r\n\r\nPlease: '),
  Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a]),
]);

const settings = { PORTAL_URL: url, PORTAL_TOKEN: machineKey };

/** As a mail server's pipe does it. */
async function pipe(input: Buffer, args: readonly string[] = []): Promise<Ran> {
  const child = spawn(process.execPath, [cli, 'mail', 'receive', ...args], {
    env: { ...plainEnvironment, ...settings },
    cwd: root,
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: Buffer) => void (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => void (err += text.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out, err };
}

const receive = (input: Buffer, changed: Readonly<Record<string, string>> = {}, args: readonly string[] = []) =>
  runHere(['mail', 'receive', ...args], { ...settings, ...changed }, input);

test('a message from standard input is kept byte for byte, once, and nothing of it is printed', async () => {
  assert.deepEqual(await pipe(message), { code: 0, out: 'It waits for staff.\n', err: '' });
  const [row] = await database.db.select().from(receivedMail);
  assert.ok((await readRaw(database.db, seal, row!.id)).equals(message));
  const again = await receive(message, {}, ['--json']);
  assert.deepEqual([again.code, JSON.parse(again.out)], [0, { became: 'repeated', requestNumber: null }]);
});

test('nothing, a wrong token and no portal are told by exit codes, and keep nothing', async () => {
  const nothing = await receive(Buffer.alloc(0));
  assert.deepEqual([nothing.code, nothing.out], [2, '']);
  assert.match(nothing.err, /standard input; there was nothing\. \[usage\]/u);
  const other = Buffer.from(message.toString('latin1').replace('pipe@', 'other@'), 'latin1');
  assert.equal((await receive(other, { PORTAL_TOKEN: 'not-a-token' })).code, 6);
  assert.equal((await receive(other, { PORTAL_URL: 'http://127.0.0.1:9' })).code, 5);
  assert.equal((await database.db.select().from(receivedMail)).length, 1);
});
