// A filtered CSV of the 10M-row set, streamed to a reader: the memory of the whole portal must stay flat.

import { watchMemory, type Figure } from './measure.ts';
import type { BenchSets } from './sets.ts';

async function drain(url: string): Promise<{ bytes: number; rows: number; seconds: number }> {
  const begin = performance.now();
  const answer = await fetch(url);
  if (!answer.ok || answer.body === null) throw new Error(`${answer.status} ${await answer.text()}`);
  let bytes = 0;
  let rows = -1; // the header
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) rows++;
  }
  return { bytes, rows, seconds: (performance.now() - begin) / 1000 };
}

export async function measureStream(sets: BenchSets): Promise<Figure[]> {
  if (sets.tenMillion === null) throw new Error('the 10M-row set is missing');
  const where = encodeURIComponent(`${sets.columns.number} >= 0`);
  const url = `${sets.portal.url}/api/v1/datasets/${sets.tenMillion}/export.csv?where=${where}`;
  const counted = await fetch(`${sets.portal.url}/api/v1/datasets/${sets.tenMillion}/count?where=${where}`);
  const { count } = (await counted.json()) as { count: number };
  const watch = watchMemory(sets.portal.pid, 200);
  const done = await drain(url);
  watch.stop();
  if (done.rows < count) throw new Error(`${done.rows} lines for ${count} rows`);
  const samples = watch.samples();
  const settled = samples.slice(Math.floor(samples.length / 10)); // after the worker has opened the file
  const spread = (Math.max(...settled) - Math.min(...settled)) / 2;
  return [
    {
      what: 'stream a 10M-row filtered CSV: memory',
      demand: 'flat (± 100 MB)',
      value: spread,
      shown: `± ${spread.toFixed(0)} MB`,
      met: spread <= 100,
      how: `${count} rows, ${(done.bytes / 1e9).toFixed(2)} GB in ${done.seconds.toFixed(0)} s; all processes, peak ${Math.max(...samples).toFixed(0)} MB`,
    },
  ];
}
