// The command line against a real portal: one that runs, one that is named, and none at all.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { PublishAnswer } from '../../src/cli/publish-command.ts';
import { runHere, runPortal, serve, temporaryFolder } from './portal-process.ts';

const csv = 'id,name,cost,ward\n007,Alder,12.50,1\n008,Birch,3.25,2\n009,Cedar,100.00,1\n';
const torn = `${csv}010,Dogwood,1.00,2,extra,field\n`;
const tornAndNew = `${torn}011,Elder,7.00,2\n`;

function json(ran: { code: number | null; out: string; err: string }): Record<string, unknown> {
  assert.equal(ran.code, 0, `${ran.out}${ran.err}`);
  assert.equal(ran.out.trim().split('\n').length, 1, 'one line');
  return JSON.parse(ran.out) as Record<string, unknown>;
}

const newDataset = ['--id', 'trees', '--title', 'Trees', '--department', 'Parks Desk'];

test('with a portal running, every command works through it', async (t) => {
  const folder = temporaryFolder(t);
  const dataDir = join(folder, 'data');
  const settings = { DATA_DIR: dataDir };
  const file = join(folder, 'trees.csv');
  writeFileSync(file, csv);
  const portal = await serve(t, dataDir, { SAMPLE: 'off' });

  await t.test('a new dataset needs a title and a department', async () => {
    const ran = await runHere(['publish', file, '--id', 'trees'], settings);
    assert.deepEqual([ran.code, ran.out], [2, '']);
    assert.match(ran.err, /a new one needs --title and --department\. \[usage\]/);
  });

  await t.test('publish tells what became of every row, and where the dataset is', async () => {
    const described = [
      ...newDataset,
      '--license',
      'CC0-1.0',
      '--keyword',
      'trees',
      '--keyword',
      'parks',
      '--note',
      'First.',
    ];
    const ran = runPortal(['publish', file, ...described], settings);
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /^Published revision 1 of trees: Trees$/m);
    assert.match(ran.out, /^rows in the file +3$/m);
    assert.match(ran.out, /^= published +3$/m);
    assert.match(ran.out, /^\+ quarantined +0$/m);
    assert.ok(ran.out.includes(`${portal.url}/datasets/trees`) || ran.out.includes('/datasets/trees'));
    assert.equal(ran.err, '', 'no progress bars where nobody watches');
  });

  await t.test('the same file again changes nothing', async () => {
    const answer = json(
      await runHere(['publish', file, '--id', 'trees', '--json'], settings),
    ) as unknown as PublishAnswer;
    assert.equal(answer.dataset.revision.number, 1);
  });

  await t.test('options change only what they name', async () => {
    json(await runHere(['publish', file, '--id', 'trees', '--cadence', 'monthly', '--json'], settings));
    const shown = json(await runHere(['show', 'trees', '--json'], settings)) as unknown as PublishAnswer['dataset'];
    assert.equal(shown.metadata.cadence, 'monthly');
    assert.equal(shown.metadata.licence?.name, 'Creative Commons Zero 1.0');
    assert.deepEqual(shown.metadata['keywords'], ['trees', 'parks']);
    assert.equal(shown.department.name, 'Parks Desk');
  });

  await t.test('bad rows are counted and pointed to', async () => {
    const path = join(folder, 'torn.csv');
    writeFileSync(path, torn);
    const first = await runHere(['publish', path, '--id', 'trees'], settings);
    assert.match(first.out, /^Published revision 2 of trees: Trees$/m, 'the torn row is kept, though no row is new');
    const same = await runHere(['publish', path, '--id', 'trees'], settings);
    assert.match(same.out, /^Nothing changed: revision 2 of trees already holds this data\.$/m);
    assert.match(same.out, /^\+ quarantined +1$/m, 'what was in this file is told all the same');
    writeFileSync(path, tornAndNew);
    const ran = await runHere(['publish', path, '--id', 'trees', '--note', 'With a torn row.'], settings);
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /^Published revision 3 of trees: Trees$/m);
    assert.match(ran.out, /^rows in the file +5$/m);
    assert.match(ran.out, /^= published +4$/m);
    assert.match(ran.out, /^\+ quarantined +1$/m);
    assert.match(ran.out, /row 4.*\[row-too-wide\]/);
    assert.match(ran.out, /quarantine +\S+\/quarantine\.csv/);
  });

  await t.test('list and show read for people', async () => {
    assert.match(
      (await runHere(['list'], settings)).out,
      /^ID +TITLE +DEPARTMENT +ROWS +UPDATED\ntrees +Trees +Parks Desk +4 +\d{4}-/,
    );
    const shown = (await runHere(['show', 'trees'], settings)).out;
    assert.match(shown, /^update frequency +monthly$/m);
    assert.match(shown, /^one row is +not specified$/m);
    assert.match(shown, /^cost +decimal +cost$/m);
    const list = json(await runHere(['list', '--json'], settings));
    assert.equal(list['total'], 1);
  });

  await t.test('describe stores nothing', async () => {
    const ran = await runHere(['describe', file], settings);
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, /^id +text +identifier +id$/m);
    assert.match(ran.out, /^= would be published +3$/m);
    assert.match(ran.out, /Nothing was stored\.$/m);
    assert.equal(json(await runHere(['list', '--json'], settings))['total'], 1);
  });

  await t.test('what is said of a file is not guessed, kept for the next, told, and forgotten on demand', async () => {
    const odd = join(folder, 'odd.csv');
    writeFileSync(odd, 'made by hand\ncode^day\n1^01/02/2024\n2^03/02/2024\n');
    const said = ['--delimiter', '^', '--skip', '1', '--date-order', 'day-first', '--type', 'code=text'];
    const described = json(await runHere(['describe', odd, ...said, '--json'], settings)) as { columns: unknown };
    const kinds = (columns: unknown) => (columns as { type: { kind: string } }[]).map(({ type }) => type.kind);
    assert.deepEqual(kinds(described.columns), ['text', 'date']);
    const publish = ['publish', odd, '--id', 'odd', '--title', 'Odd', '--department', 'Parks Desk'];
    assert.match((await runHere([...publish, ...said], settings)).out, /^as it was said: delimiter “\^”/m);
    writeFileSync(odd, 'made by hand\ncode^day\n3^04/02/2024\n');
    const next = json(await runHere([...publish, '--type', 'day=text', '--json'], settings)) as {
      report: { recipe: object };
      dataset: { columns: unknown };
    };
    assert.deepEqual(kinds(next.dataset.columns), ['text', 'text']);
    const types = { code: 'text', day: 'text' };
    assert.deepEqual(next.report.recipe, { delimiter: '^', skip: 1, dateOrder: 'day-first', types });
    const guessed = json(await runHere([...publish, '--no-recipe', '--json'], settings)) as typeof next;
    assert.equal(guessed.report.recipe, undefined);
    const wrong = await runHere([...publish, '--delimiter', 'ab'], settings);
    assert.match(wrong.err, /The delimiter is one character .*\[metadata-invalid\]/);
    const notNumber = await runHere([...publish, '--skip', 'two'], settings);
    assert.match(notNumber.err, /--skip takes a whole number/);
  });

  await t.test('a file that changes more than may pass waits for a decision', async () => {
    const file = join(folder, 'held.csv');
    const publish = ['publish', file, '--id', 'held', '--title', 'Held', '--department', 'Parks Desk'];
    writeFileSync(file, 'n,k\n1,a\n2,b\n');
    assert.equal((await runHere([...publish, '--most-changes', '0'], settings)).code, 0);
    writeFileSync(file, 'n,k\n1,a\nx2,b\n');
    const held = await runHere(publish, settings);
    assert.equal(held.code, 1);
    assert.match(held.err, /changes or leaves out 1 column .*\(n\).*\[changes-need-decision\]/);
    assert.match((await runHere(['show', 'held'], settings)).out, /^revision +1 /m);
    assert.equal((await runHere([...publish, '--accept-changes'], settings)).code, 0);
    assert.match((await runHere(['show', 'held'], settings)).out, /^revision +2 /m);
  });

  await t.test('what the portal refuses is exit 1 or 3 with its permanent code', async () => {
    const empty = join(folder, 'empty.csv');
    writeFileSync(empty, '');
    const refused = await runHere(['publish', empty, '--id', 'trees', '--json'], settings);
    assert.equal(refused.code, 1);
    assert.equal((JSON.parse(refused.out) as { error: { code: string } }).error.code, 'empty-file');
    assert.match(refused.err, /^[A-Z].*\. \[empty-file\]\n$/);
    const missing = await runHere(['show', 'no-such-dataset'], settings);
    assert.deepEqual([missing.code, missing.out], [3, '']);
    assert.match(missing.err, /\[dataset-not-found\]\n$/);
    const stale = await runHere(['publish', file, '--id', 'trees', '--expect-revision', '1'], settings);
    assert.equal(stale.code, 1);
    assert.match(stale.err, /\[(conflict|precondition-failed)\]\n$/);
  });

  await t.test('a token works from elsewhere until it is revoked; none or a wrong one is exit 6', async () => {
    const made = json(await runHere(['token', 'create', 'permit system', '--json'], settings)) as {
      id: string;
      token: string;
    };
    const elsewhere = { DATA_DIR: join(folder, 'elsewhere'), PORTAL_URL: portal.url };
    const publish = ['publish', file, '--id', 'from-afar', '--title', 'From afar', '--department', 'Parks Desk'];
    assert.equal((await runHere(publish, elsewhere)).code, 6);
    assert.equal((await runHere(publish, { ...elsewhere, PORTAL_TOKEN: 'portal_wrong' })).code, 6);
    const allowed = await runHere(publish, { ...elsewhere, PORTAL_TOKEN: made.token });
    assert.equal(allowed.code, 0, allowed.err);
    assert.equal((await runHere(['token', 'list'], { ...elsewhere, PORTAL_TOKEN: made.token })).code, 6);
    assert.match((await runHere(['token', 'list'], settings)).out, /permit system +\S+ +.* +valid$/m);
    assert.equal((await runHere(['token', 'revoke', made.id], settings)).code, 0);
    assert.equal((await runHere(publish, { ...elsewhere, PORTAL_TOKEN: made.token })).code, 6);
    assert.equal((await runHere(['list'], elsewhere)).code, 0, 'reading needs no token');
  });

  await t.test('a backup restores to the same catalogue, and a damaged one is exit 4', async () => {
    const copy = join(folder, 'copy');
    const backup = runPortal(['backup', copy], settings);
    assert.equal(backup.code, 0, backup.err);
    const refused = await runHere(['restore', copy], settings);
    assert.deepEqual([refused.code, /is running on DATA_DIR/.test(refused.err)], [7, true]);
    const restored = { DATA_DIR: join(folder, 'restored'), SAMPLE: 'off' };
    const filled = await runHere(['restore', copy], restored);
    assert.equal(filled.code, 0, filled.err);
    const before = json(await runHere(['show', 'trees', '--json'], settings)) as unknown as PublishAnswer['dataset'];
    const after = json(await runHere(['show', 'trees', '--json'], restored)) as unknown as PublishAnswer['dataset'];
    assert.deepEqual([after.code, after.revision.id, after.revision.number], [before.code, before.revision.id, 3]);
    damage(copy, sha256Of(tornAndNew));
    const damaged = await runHere(['restore', copy], { DATA_DIR: join(folder, 'from-damaged') });
    assert.equal(damaged.code, 4, damaged.err);
  });

  await t.test('verify finds a flipped bit and says so with exit 4', async () => {
    const whole = await runHere(['verify', '--json'], settings);
    assert.equal(whole.code, 0, whole.err);
    damage(join(dataDir, 'blobs'), sha256Of(tornAndNew));
    const ran = runPortal(['verify'], settings);
    assert.equal(ran.code, 4, ran.out + ran.err);
    assert.match(ran.err, /^One stored file is damaged or missing, of \d+\. \[stored-file-damaged\]\n$/);
  });

  await t.test('stopped by a signal, it ends with exit 0 and leaves no server.json behind', async () => {
    assert.equal(await portal.stop('SIGTERM'), 0);
    assert.deepEqual(globSync('server.json', { cwd: dataDir }), []);
  });
});

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Flips one bit in the middle of the stored file of this name. */
function damage(folder: string, sha256: string): void {
  const [found] = globSync(`**/${sha256}`, { cwd: folder });
  assert.ok(found, `${sha256} under ${folder}`);
  const path = join(folder, found);
  const middle = Math.floor(statSync(path).size / 2);
  const byte = Buffer.alloc(1);
  const open = openSync(path, 'r+');
  readSync(open, byte, 0, 1, middle);
  byte[0] = byte[0]! ^ 1;
  writeSync(open, byte, 0, 1, middle);
  closeSync(open);
}

test('with no portal running, a command opens DATA_DIR itself and leaves nothing running', (t) => {
  const folder = temporaryFolder(t);
  const settings = { DATA_DIR: join(folder, 'data') };
  const file = join(folder, 'trees.csv');
  writeFileSync(file, csv);
  const described = json(runPortal(['describe', file, '--json'], settings));
  assert.equal((described['report'] as { rowsPublished: number }).rowsPublished, 3);
  assert.deepEqual(globSync('*', { cwd: folder }), ['trees.csv'], 'describe makes no DATA_DIR');
  const published = json(runPortal(['publish', file, ...newDataset, '--json'], settings)) as unknown as PublishAnswer;
  assert.equal(published.report.rowsPublished, 3);
  assert.equal(json(runPortal(['list', '--json'], settings))['total'], 1, 'and no sample is loaded by a command');
  assert.deepEqual(globSync('server.json', { cwd: settings.DATA_DIR }), []);
  appendFileSync(file, '010,Dogwood,1.00,2\n');
  const again = json(runPortal(['publish', file, '--id', 'trees', '--json'], settings)) as unknown as PublishAnswer;
  assert.equal(again.dataset.revision.number, 2);
});

test('restore refuses a folder that is not a backup, and a DATA_DIR that is not empty', async (t) => {
  const folder = temporaryFolder(t);
  const none = await runHere(['restore', join(folder, 'none')], { DATA_DIR: join(folder, 'data') });
  assert.equal(none.code, 3, none.err);
  assert.match(none.err, /^There is no folder .*\[not-found\]\n$/);
  mkdirSync(join(folder, 'used'));
  writeFileSync(join(folder, 'used', 'something'), 'x');
  mkdirSync(join(folder, 'copy'));
  const used = await runHere(['restore', join(folder, 'copy')], { DATA_DIR: join(folder, 'used') });
  assert.equal(used.code, 4, used.err);
  assert.match(used.err, /The backup is not whole: .*manifest\.json.*\[backup-damaged\]\n$/);
});
