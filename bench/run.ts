// `npm run bench`: every figure the portal promises, as a ratio taken in one run, printed as a table. `-- --only
// publish,start` picks cases; `-- --write` puts the table into docs/performance.md. Loopback only; it stops by itself.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { measureKeyset } from './keyset.ts';
import { toRow, type Figure } from './measure.ts';
import { measureNeverSeen } from './never-seen-query.ts';
import { measurePublish } from './publish.ts';
import { measureRecords } from './records.ts';
import { measureRedaction } from './redaction.ts';
import { measureRepeated } from './repeated-query.ts';
import { prepareSets, type BenchSets } from './sets.ts';
import { measureStart } from './start.ts';
import { measureStream } from './stream.ts';
import { measureUnderLoad } from './under-load.ts';

type Case = { readonly name: string; readonly rows: number; run(sets: BenchSets): Promise<Figure[]> };

const cases: readonly Case[] = [
  { name: 'start', rows: 0, run: measureStart },
  { name: 'publish', rows: 0, run: measurePublish },
  { name: 'repeated', rows: 1_000_000, run: measureRepeated },
  { name: 'never-seen', rows: 1_000_000, run: measureNeverSeen },
  { name: 'keyset', rows: 1_000_000, run: measureKeyset },
  { name: 'under-load', rows: 10_000_000, run: measureUnderLoad },
  { name: 'stream', rows: 10_000_000, run: measureStream },
  { name: 'records', rows: 0, run: measureRecords },
  { name: 'redaction', rows: 0, run: measureRedaction },
];

function argument(name: string): string | null {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? null : (process.argv[at + 1] ?? '');
}

function machine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} cores (${cores[0]?.model ?? 'unknown'}), ${memory} GB, Linux ${release()}, Node ${process.version}`;
}

/**
 * The rows of this run take the places of those they measure anew; the others stay, as the notes above the table tell.
 */
function writeTable(head: string, figures: readonly Figure[]): void {
  const path = resolve(import.meta.dirname, '../docs/performance.md');
  const text = readFileSync(path, 'utf8');
  const begin = '<!-- bench:begin -->';
  const from = text.indexOf(begin) + begin.length;
  const until = text.indexOf('<!-- bench:end -->');
  const fresh = new Map(figures.map((figure) => [nameOf(toRow(figure)), toRow(figure)]));
  const lines = text.slice(from, until).trim().split('\n');
  const kept = lines.map((line) => {
    const row = fresh.get(nameOf(line));
    if (row !== undefined) fresh.delete(nameOf(line));
    return row ?? line;
  });
  const measured = figures.map(({ what }) => what).join('; ');
  const notes = [
    ...kept.filter((line) => line.trim() !== '' && !line.startsWith('|')),
    `${head} Measured then: ${measured}.`,
  ];
  const table = [...kept.filter((line) => line.startsWith('|')), ...fresh.values()];
  writeFileSync(path, `${text.slice(0, from)}\n\n${notes.join('\n\n')}\n\n${table.join('\n')}\n\n${text.slice(until)}`);
}

/** The first cell of a row of the table. */
function nameOf(row: string): string {
  return row.split('|')[1]?.trim() ?? '';
}

/** A case that stands still is a fault with a name, not a bench without an end. */
const limitMs = 20 * 60_000;

async function withinLimit<Result>(name: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${name} had not ended after ${limitMs / 60_000} minutes`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function main(): Promise<void> {
  const names = cases.map((each) => each.name);
  const only = argument('only')?.split(',') ?? names;
  const unknown = [
    ...process.argv.slice(2).filter((each) => each.startsWith('-') && !['--only', '--write'].includes(each)),
    ...only.filter((each) => !names.includes(each)),
  ];
  if (unknown.length > 0) {
    process.stderr.write(`Not known: ${unknown.join(', ')}. Use --write and --only with ${names.join(', ')}.\n`);
    process.exitCode = 2;
    return;
  }
  const chosen = cases.filter((each) => only.includes(each.name));
  const sets = await prepareSets(Math.max(0, ...chosen.map((each) => each.rows)));
  const figures: Figure[] = [];
  try {
    for (const each of chosen) {
      process.stderr.write(`measuring ${each.name} …\n`);
      const found = await withinLimit(each.name, each.run(sets));
      for (const figure of found) process.stderr.write(`${toRow(figure)}\n`);
      figures.push(...found);
    }
  } finally {
    await sets.close();
  }
  const head = `Taken ${new Date().toISOString().slice(0, 10)} on ${machine()}.`;
  const table = [
    `${head}\n`,
    '| what | demand | measured | | how |',
    '|---|---|---|---|---|',
    ...figures.map(toRow),
  ].join('\n');
  process.stdout.write(`${table}\n`);
  if (process.argv.includes('--write')) writeTable(head, figures);
  process.exitCode = figures.every((each) => each.met) ? 0 : 1;
}

await main();
