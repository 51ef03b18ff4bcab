// Publishing 1M rows (~160 MB CSV) until released, against DuckDB's bare `create table as read_csv` of the same file.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, timeMs, watchMemory, type Figure } from './measure.ts';
import { removeFolder, startBenchPortal, startPortalCommand, temporaryFolder } from './portal.ts';
import { publishArguments, sampleFile } from './sets.ts';

const bareProgram = `
import { DuckDBInstance } from '@duckdb/node-api';
const [file, database] = process.argv.slice(1);
const instance = await DuckDBInstance.create(database, { threads: '2' });
const connection = await instance.connect();
const begin = performance.now();
await connection.run("create table data as select * from read_csv('" + file + "')");
await connection.run('checkpoint');
process.stdout.write(String(performance.now() - begin));
`;

async function output(child: ReturnType<typeof spawn>): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  if (code !== 0) throw new Error(`ended with ${code}: ${text}`);
  return text;
}

async function bareMs(file: string, database: string): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', bareProgram, file, database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Number(await output(child));
}

const timedRounds = 5;
/** A portal is ready when one of its query processes is; the others start in the seconds after. */
const settleMs = 3000;

/** Publishes into a new portal; `watch` is told its process and says when to stop watching. */
async function publishOnce(
  given: readonly string[],
  dataDir: string,
  watch: (pid: number) => { stop(): void } | null,
): Promise<number> {
  const portal = await startBenchPortal(dataDir);
  try {
    await new Promise((done) => setTimeout(done, settleMs));
    const watched = watch(portal.pid);
    const took = await timeMs(() => output(startPortalCommand(given, dataDir)));
    watched?.stop();
    return took;
  } finally {
    await portal.stop();
    removeFolder(dataDir);
  }
}

const wideTables = [
  { columns: 300, rows: 10_000 },
  { columns: 2_000, rows: 1_500 },
] as const;
const wideRounds = 3;

/** Whole numbers with a null marker in every seventh cell. */
function writeWide(path: string, columns: number, rows: number): void {
  const header = Array.from({ length: columns }, (_, at) => `q${at}`).join(',');
  const line = (row: number): string =>
    Array.from({ length: columns }, (_, at) => ((row + at) % 7 === 0 ? 'NA' : row * 31 + at)).join(',');
  writeFileSync(path, `${[header, ...Array.from({ length: rows }, (_, row) => line(row))].join('\n')}\n`);
}

async function measureWide(folder: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { columns, rows } of wideTables) {
    const path = join(folder, `wide-${columns}.csv`);
    writeWide(path, columns, rows);
    const given = publishArguments(path, 'wide');
    const [bare, published]: [number[], number[]] = [[], []];
    for (let round = 0; round < wideRounds; round++) {
      bare.push(await bareMs(path, join(folder, `bare-${columns}-${round}.duckdb`)));
      published.push(await publishOnce(given, join(folder, `wide-${columns}-${round}`), () => null));
    }
    const ratio = median(published.map((each, at) => each / bare[at]!));
    figures.push({
      what: `publish ${columns} columns ÷ bare \`create table as read_csv\``,
      demand: 'told',
      value: ratio,
      shown: ratio.toFixed(1),
      met: Number.isFinite(ratio),
      how: `${rows} rows, a null marker in every seventh cell; ${(median(published) / 1000).toFixed(1)} s against ${(median(bare) / 1000).toFixed(1)} s; median of ${wideRounds} pairs`,
    });
  }
  return figures;
}

/**
 * Time and memory are taken in publishes of their own: to tell the memory of a process the kernel walks all its pages
 * and holds up whoever asks for new ones, so that looking twenty times a second slows what is being timed.
 */
export async function measurePublish(): Promise<Figure[]> {
  const folder = temporaryFolder();
  const bare: number[] = [];
  const published: number[] = [];
  let peak = 0;
  try {
    const { path, bytes } = sampleFile(folder, 1_000_000);
    for (let round = 0; round < timedRounds; round++) {
      bare.push(await bareMs(path, join(folder, `bare-${round}.duckdb`)));
      published.push(await publishOnce(publishArguments(path, 'million'), join(folder, `data-${round}`), () => null));
    }
    await publishOnce(publishArguments(path, 'million'), join(folder, 'data-memory'), (pid) => {
      const memory = watchMemory(pid, 50);
      return {
        stop: () => {
          peak = memory.peakMb();
          memory.stop();
        },
      };
    });
    const ratio = median(published.map((each, i) => each / bare[i]!));
    const how = `${(bytes / 1e6).toFixed(0)} MB; ${(median(published) / 1000).toFixed(1)} s against ${(median(bare) / 1000).toFixed(1)} s, by \`portal publish\` through the server; median of ${timedRounds} pairs`;
    return [
      {
        what: 'publish 1M rows ÷ bare `create table as read_csv`',
        demand: '≤ 4',
        value: ratio,
        shown: ratio.toFixed(2),
        met: ratio <= 4,
        how,
      },
      {
        what: 'peak memory while publishing, all processes',
        demand: '≤ 1.5 GB',
        value: peak,
        shown: `${(peak / 1000).toFixed(2)} GB`,
        met: peak <= 1500,
        how: 'proportional set size sampled every 50 ms, in a publish of its own',
      },
      ...(await measureWide(folder)),
    ];
  } finally {
    removeFolder(folder);
  }
}
