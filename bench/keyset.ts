// Page 5,000 of a keyset walk over 1M rows against page 1, both never seen before.

import { median, timeMs, type Figure } from './measure.ts';
import type { BenchSets } from './sets.ts';

const pageRows = 100;
const pages = 5_000;

type Page = { data: unknown[]; next: string | null };

export async function measureKeyset(sets: BenchSets): Promise<Figure[]> {
  const base = `${sets.portal.url}/api/v1/datasets/${sets.million}/rows?limit=${pageRows}`;
  const read = async (after: string | null): Promise<Page> => {
    const url = after === null ? base : `${base}&after=${encodeURIComponent(after)}`;
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Page;
  };
  let after: string | null = null;
  let rows = 0;
  const times: number[] = [];
  for (let page = 1; page <= pages; page++) {
    let found: Page = { data: [], next: null };
    times.push(await timeMs(async () => void (found = await read(after))));
    rows += found.data.length;
    after = found.next;
    if (after === null) throw new Error(`the walk ended at page ${page}`);
  }
  if (rows !== pageRows * pages) throw new Error(`the walk gave ${rows} rows`);
  const first = median(times.slice(1, 41)); // the first request opens the file
  const last = median(times.slice(-40));
  const ratio = last / first;
  return [
    {
      what: 'page 5,000 of a keyset walk ÷ page 1 (1M rows)',
      demand: '≤ 1.2',
      value: ratio,
      shown: ratio.toFixed(2),
      met: ratio <= 1.2,
      how: `median of 40 pages at each end, ${first.toFixed(2)} ms and ${last.toFixed(2)} ms`,
    },
  ];
}
