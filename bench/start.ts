// From `portal serve` to ready with the sample catalogue loaded before, and the memory the whole portal then holds.

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { median, treeMemoryMb, type Figure } from './measure.ts';
import { removeFolder, startBenchPortal, temporaryFolder } from './portal.ts';

const rounds = 5;

/** A bare `node -e 0`, to say how fast this machine is today. */
async function bareNodeMs(): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, ['-e', '0'], { cwd: resolve('.') });
  await new Promise((done) => child.once('exit', done));
  return performance.now() - begin;
}

export async function measureStart(): Promise<Figure[]> {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const seconds: number[] = [];
  const megabytes: number[] = [];
  const bare: number[] = [];
  try {
    const first = await startBenchPortal(dataDir, { SAMPLE: 'on' });
    await first.stop();
    for (let round = 0; round < rounds; round++) {
      bare.push(await bareNodeMs());
      const begin = performance.now();
      const portal = await startBenchPortal(dataDir, { SAMPLE: 'on' });
      seconds.push((performance.now() - begin) / 1000);
      await new Promise((done) => setTimeout(done, 1500));
      megabytes.push(treeMemoryMb(portal.pid));
      await portal.stop();
    }
  } finally {
    removeFolder(folder);
  }
  const start = median(seconds);
  const memory = median(megabytes);
  const ratio = (start * 1000) / median(bare);
  return [
    {
      what: 'start to ready, sample catalogue loaded before',
      demand: '≤ 1.8 s',
      value: start,
      shown: `${start.toFixed(2)} s`,
      met: start <= 1.8,
      how: `median of ${rounds}; ${ratio.toFixed(0)} × a bare \`node -e 0\` (${median(bare).toFixed(0)} ms) in the same run`,
    },
    {
      what: 'memory when ready, all processes with PostgreSQL',
      demand: '≤ 290 MB',
      value: memory,
      shown: `${memory.toFixed(0)} MB`,
      met: memory <= 290,
      how: `proportional set size 1.5 s after ready, median of ${rounds}`,
    },
  ];
}
