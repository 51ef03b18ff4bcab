// Processes that die while they read: the rendition is made all the same, and is whole; nothing else notices.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';

import PDFDocument from 'pdfkit';

import { until } from '../../patience.ts';
import { openDocumentsGround, redactor, reviewer, withPdf } from './ground.ts';

const ground = await openDocumentsGround({ after });
const { documents, upload, place, read, releaseRest } = ground;
const pages = 60;

function longFile(): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'LETTER', autoFirstPage: false });
  const pieces: Buffer[] = [];
  const done = new Promise<Buffer>((resolve) => {
    pdf.on('data', (piece: Buffer) => pieces.push(piece));
    pdf.on('end', () => resolve(Buffer.concat(pieces)));
  });
  for (let page = 1; page <= pages; page++) pdf.addPage().text(`Page ${page} of the file`);
  pdf.end();
  return done;
}

/** The processes that read files for this very test: children of it that run the program. */
function readingProcesses(): readonly number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/u.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const isReader = readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes('pdf/child');
      return parent === process.pid && isReader ? [Number(entry)] : [];
    } catch (error) {
      const isEnded = error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code));
      if (isEnded) return [];
      throw error;
    }
  });
}

test('a rendition whose processes are killed is made again, whole', async (t) => {
  if (process.platform !== 'linux') return t.skip('processes are found in /proc');
  const document = await upload(await longFile(), 'long.pdf');
  await releaseRest(document.number);
  await documents.submit(redactor, place(document.number), { version: (await read(document.number)).version });
  await documents.approve(reviewer, place(document.number), { version: (await read(document.number)).version });
  let killed = 0;
  await until(
    'two processes are killed',
    () => {
      for (const pid of readingProcesses()) {
        process.kill(pid, 'SIGKILL');
        killed++;
      }
      return killed >= 2;
    },
    10,
  );
  const { rendition } = await ground.waitFor(document.number, ({ renditionState }) => renditionState === 'ready');
  const made: Buffer[] = [];
  for await (const piece of await ground.store.read(rendition!.blob)) made.push(piece as Buffer);
  await withPdf(Buffer.concat(made), async (pdf) => {
    assert.equal(pdf.facts.sizes.length, pages);
    assert.match(
      (await pdf.read(pages)).words.map(({ text }) => text).join(' '),
      new RegExp(`Page ${pages} of the file`, 'u'),
    );
  });
});

test('two redactors of one page: the second is told, nothing is overwritten', async () => {
  const document = await upload(await longFile(), 'shared.pdf');
  const why = { exemption: 'account-numbers', explanation: 'An account of a person.' };
  const marks = [{ page: 3, version: 1, boxes: [[50, 50, 200, 90] as const] }];
  const given = { marks, reason: why, origin: 'drawn' as const };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => documents.redact(redactor, place(document.number), given)),
  );
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const outcome of outcomes) if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'conflict');
  assert.equal((await documents.view(redactor, place(document.number))).redactions.length, 1);
});

test('a process that reads files writes nothing of what it compiled, however it ends', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'portal-compiled-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(import.meta.dirname, '../../../src/records/documents/pdf/child.ts');
  const wrongly = `data:text/javascript,${encodeURIComponent("process.on('disconnect', () => { throw new Error(); })")}`;
  for (const before of [[], ['--import', wrongly]]) {
    const command = ['-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, ...before, program];
    const child = spawn('/bin/sh', command, {
      env: { NODE_COMPILE_CACHE: folder },
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    child.send({ id: 1, kind: 'no such question' });
    await once(child, 'message');
    child.disconnect();
    await once(child, 'exit');
  }
  const written = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(written.length, 0);
});
