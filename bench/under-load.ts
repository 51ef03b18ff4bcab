// How long small queries wait while a 10M-row group-by runs, against how long they take when nothing else does.

import { percentile, type Figure } from './measure.ts';
import type { BenchSets } from './sets.ts';

const idleQueries = 400;

/** One small never-seen query: a page of 20 rows from a place nobody asked for. */
async function smallMs(sets: BenchSets, seed: number): Promise<number> {
  const offset = (seed * 7_919) % 900_000;
  const begin = performance.now();
  const answer = await fetch(
    `${sets.portal.url}/api/v1/datasets/${sets.million}/rows?limit=20&offset=${offset}&select=${sets.columns.category},${sets.columns.number}`,
  );
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  return performance.now() - begin;
}

async function groupBy(sets: BenchSets, seed: number): Promise<void> {
  const { category, number, text } = sets.columns;
  const select = `${category},${text},count(*) as n,avg(${number}) as mean`;
  const parameters = new URLSearchParams({
    select,
    group: `${category},${text}`,
    where: `${number} > ${seed / 1000}`,
    order: 'n desc',
    limit: '100',
  });
  const answer = await fetch(`${sets.portal.url}/api/v1/datasets/${sets.tenMillion}/rows?${parameters}`);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

export async function measureUnderLoad(sets: BenchSets): Promise<Figure[]> {
  if (sets.tenMillion === null) throw new Error('the 10M-row set is missing');
  for (let i = 0; i < 100; i++) await smallMs(sets, 100_000 + i);
  const idle: number[] = [];
  for (let i = 0; i < idleQueries; i++) idle.push(await smallMs(sets, i));
  const busy: number[] = [];
  let running = true;
  let groups = 0;
  const load = (async () => {
    const until = performance.now() + 15_000;
    while (performance.now() < until) {
      await groupBy(sets, groups);
      groups++;
    }
    running = false;
  })();
  for (let i = idleQueries; running; i++) busy.push(await smallMs(sets, i));
  await load;
  const idle99 = percentile(idle, 99);
  const busy99 = percentile(busy, 99);
  const ratio = busy99 / idle99;
  return [
    {
      what: 'small-query p99 while a 10M-row group-by runs ÷ p99 idle',
      demand: '≤ 5',
      value: ratio,
      shown: ratio.toFixed(2),
      met: ratio <= 5,
      how: `${busy.length} small queries during ${groups} group-bys in a row; p99 ${busy99.toFixed(1)} ms and ${idle99.toFixed(1)} ms`,
    },
  ];
}
