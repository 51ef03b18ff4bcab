// Publishing in a loop while something bad happens, what the portal acknowledged, and whether it kept its word.
// It must count only what was answered: a publish whose answer never came may be there or not.

import assert from 'node:assert/strict';
import { getBytes, getJson, publishOver, sha256Of, toCsv } from './ground.ts';

export type Ack = { readonly dataset: string; readonly number: number; readonly id: string; readonly rows: number };

type Published = { readonly dataset: { readonly revision: { readonly number: number; readonly id: string } } };
type Listed = { readonly data: readonly { readonly number: number; readonly id: string }[] };

export type Writer = { readonly acks: readonly Ack[]; stop(): void; readonly done: Promise<void> };

/** Publishes revision after revision until it is stopped or the connection breaks. */
export function startWriter(url: string, dataDir: string, dataset: string, from: number): Writer {
  const acks: Ack[] = [];
  let stopped = false;
  const work = async (): Promise<void> => {
    for (let round = from; !stopped; round++) {
      const rows = 20 + (round % 50);
      const sent = await publishOver(url, dataDir, dataset, toCsv(`${dataset} ${round}`, rows)).catch(() => null);
      if (sent === null) return; // cut off: acknowledged by nobody
      assert.equal(sent.status, 201, JSON.stringify(sent.body));
      const { number, id } = (sent.body as Published).dataset.revision;
      acks.push({ dataset, number, id, rows });
    }
  };
  return { acks, stop: () => void (stopped = true), done: work() };
}

/**
 * Every acknowledged revision is there with its very bytes and rows; numbers have no gap; what is current can be read.
 */
export async function requireAcked(url: string, acks: readonly Ack[]): Promise<void> {
  const place = `${url}/api/v1/datasets`;
  for (const dataset of new Set(acks.map((ack) => ack.dataset))) {
    const { data: revisions } = await getJson<Listed>(`${place}/${dataset}/revisions`);
    const numbers = revisions.map(({ number }) => number).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
      `the revisions of ${dataset}`,
    );
    const found = new Map(revisions.map(({ number, id }) => [number, id]));
    const own = acks.filter((ack) => ack.dataset === dataset);
    const lost = own.filter(({ number, id }) => found.get(number) !== id);
    assert.deepEqual(lost, [], 'revisions that were acknowledged and are not there');
    const newest = await getJson<{ count: number }>(`${place}/${dataset}/count`);
    assert.ok(newest.count >= 20);
  }
  for (const { dataset, number, id, rows } of acks) {
    const bytes = await getBytes(`${url}/datasets/${dataset}/revisions/${number}/download.parquet`);
    assert.equal(sha256Of(bytes), id, `${dataset} revision ${number}`);
    const { count } = await getJson<{ count: number }>(`${place}/${dataset}/count?as_of=${number}`);
    assert.equal(count, rows, `${dataset} revision ${number}`);
  }
}
