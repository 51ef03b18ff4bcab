// Publishing 1M rows (~160 MB CSV) until released, against DuckDB's bare `create table as read_csv` of the same file.

import { spawn } from 'node:child_process';
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

export async function measurePublish(): Promise<Figure[]> {
  const folder = temporaryFolder();
  const bare: number[] = [];
  const published: number[] = [];
  const peaks: number[] = [];
  try {
    const { path, bytes } = sampleFile(folder, 1_000_000);
    for (let round = 0; round < 3; round++) {
      bare.push(await bareMs(path, join(folder, `bare-${round}.duckdb`)));
      const dataDir = join(folder, `data-${round}`);
      const portal = await startBenchPortal(dataDir);
      const before = watchMemory(portal.pid, 50);
      published.push(await timeMs(() => output(startPortalCommand(publishArguments(path, 'million'), dataDir))));
      peaks.push(before.peakMb());
      before.stop();
      await portal.stop();
      removeFolder(dataDir);
    }
    const ratio = median(published.map((each, i) => each / bare[i]!));
    const peak = Math.max(...peaks);
    const how = `${(bytes / 1e6).toFixed(0)} MB; ${(median(published) / 1000).toFixed(1)} s against ${(median(bare) / 1000).toFixed(1)} s, by \`portal publish\` through the server`;
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
        how: 'proportional set size sampled every 50 ms, greatest of 3',
      },
    ];
  } finally {
    removeFolder(folder);
  }
}
