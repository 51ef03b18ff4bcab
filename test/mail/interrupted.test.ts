// Letters when something is cut off: the database restarts, the portal is killed, the clock jumps.
// It must count what the mail server got: a letter that was lost or came twice shows there.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { TestContext } from 'node:test';

import { drizzle } from '../../src/db/drizzle.ts';
import pg from 'pg';

import { quietEffects } from '../../src/base/effects.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { migrate, migrationsFolder, readMigrations } from '../../src/db/migrate.ts';
import { openTestDatabase } from '../database.ts';
import type { TestDatabase } from '../database.ts';
import { until } from '../patience.ts';
import { openMailGround, readLetters } from './ground.ts';
import { openSmtp } from './smtp.ts';
import type { TestSmtp } from './smtp.ts';

const hour = 60 * 60_000;
const day = 24 * hour;

type OwnDatabase = TestDatabase & { stop(): Promise<void>; start(): Promise<void> };

/** On a server of its own, which the test stops and starts again as an operator would. */
async function openOwnDatabase(t: TestContext): Promise<OwnDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'portal-mail-'));
  const options = { dataDir, maxConnections: 20, durable: false };
  let server = await startEmbedded(options, quietEffects);
  const { socketDir } = server;
  const url = `postgres://${server.user}:${server.password}@localhost/${server.database}?host=${socketDir}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await migrate(client, readMigrations(migrationsFolder), quietEffects);
  await client.end();
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  const cut: Error[] = []; // idle connections that the restart ends: what the test is about
  pool.on('error', (error) => void cut.push(error));
  t.after(async () => {
    await pool.end();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    ...{ db: drizzle(pool), pool, connection: { connectionString: url }, url, effects: quietEffects },
    stop: () => server.stop(),
    async start() {
      server = await startEmbedded({ ...options, socketDir }, quietEffects);
    },
  };
}

function idsOf(smtp: TestSmtp): readonly string[] {
  return smtp.caught.map(({ text }) => /^Message-ID: <([^@]+)@/imu.exec(text)?.[1] ?? 'none').sort();
}

const database = await openTestDatabase({ after }, 4);

suite('letters that are interrupted', () => {
  test('the database restarts while a letter is handed over: each letter is sent, and none twice', async (t) => {
    const smtp = await openSmtp(t);
    const own = await openOwnDatabase(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, own);
    const ids = [await ground.queue(), await ground.queue({ to: 'bob@example.org' })];
    smtp.meanwhile = () => own.stop();
    await assert.rejects(ground.mail.sendDue());
    assert.equal(smtp.caught.length, 1);
    await assert.rejects(ground.mail.sendDue(), 'the database is still away');
    assert.equal(smtp.caught.length, 1);
    await own.start();
    await ground.mail.sendDue();
    ground.pass(2 * hour);
    await ground.mail.sendDue();
    assert.deepEqual(idsOf(smtp), [...ids].sort());
    assert.deepEqual(await ground.mail.counts(), { queued: 0, sending: 0, sent: 2, failed: 0 });
  });

  test('a portal that was killed with a letter in its hands: the next one sends it when it starts', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    const id = await ground.queue();
    const now = ground.effects.clock.now();
    await ground.pool.query(
      `update letters set state = 'sending', claimed_at = $1, attempts = 1, next_attempt_at = $2`,
      [new Date(now), new Date(now + hour / 2)],
    );
    ground.open().run();
    await until('the letter', () => smtp.caught.length > 0);
    await until('its end', () => ground.events.some(({ kind }) => kind === 'letter-sent'));
    assert.deepEqual(idsOf(smtp), [id]);
    assert.deepEqual(
      (await readLetters(ground)).map(({ state, attempts }) => [state, attempts]),
      [['sent', 2]],
    );
  });

  test('a clock that jumps a day ahead sends no storm to an address; what waited is sent in its turn', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    for (let n = 0; n < 12; n += 1) await ground.queue();
    await ground.mail.sendDue();
    assert.equal(smtp.caught.length, 5);
    ground.pass(day);
    await ground.mail.sendDue();
    assert.equal(smtp.caught.length, 10);
    ground.pass(hour);
    await ground.mail.sendDue();
    assert.equal(new Set(idsOf(smtp)).size, 12);
    assert.equal(smtp.caught.length, 12);
  });

  test('a clock set a day back loses nothing and repeats nothing: letters wait, new ones of others go', async (t) => {
    const smtp = await openSmtp(t);
    const ground = await openMailGround(t, { SMTP_URL: smtp.url }, database);
    smtp.answers.rcpt = { code: 451, say: 'try later' };
    const waiting = await ground.queue();
    await ground.mail.sendDue();
    smtp.answers.rcpt = null;
    ground.pass(-day);
    await ground.queue({ to: 'bob@example.org' });
    const fresh = (await readLetters(ground)).find(({ id }) => id !== waiting)!.id;
    await ground.mail.sendDue();
    assert.deepEqual(idsOf(smtp), [fresh]);
    for (let passed = 0; passed < 2 * day; passed += hour) {
      ground.pass(hour);
      await ground.mail.sendDue();
    }
    assert.deepEqual(idsOf(smtp), [waiting, fresh].sort());
    assert.deepEqual(await ground.mail.counts(), { queued: 0, sending: 0, sent: 2, failed: 0 });
  });
});
