// Queries that were never asked before, over HTTP, each in turn with the same SQL run directly in DuckDB.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { openSync, readSync, closeSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../src/catalogue/dataset.ts';
import { parseNativeParameters } from '../src/dialects/native/parse.ts';
import { jsonFormat } from '../src/formats/json.ts';
import { compileRows } from '../src/query/compile.ts';
import { planQuery } from '../src/query/passes.ts';
import { median, timeMs, type Figure } from './measure.ts';
import type { BenchSets } from './sets.ts';

const rounds = 20;
const limit = 100;

type Detail = { id: string; columns: Dataset['current']['columns']; revision: { id: string; rows: number } };

/** The serving file of the set: the DuckDB file among the blobs that has its rows. */
async function openServingFile(dataDir: string, rows: number): Promise<DuckDBConnection> {
  const folder = join(dataDir, 'blobs');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!/[0-9a-f]{64}$/u.test(name) || !isDuckDb(path)) continue;
    const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY', threads: '2' });
    const connection = await instance.connect();
    const [row] = (await connection.runAndReadAll('select count(*) from data')).getRows();
    if (Number(row![0]) === rows) return connection;
    connection.closeSync();
    instance.closeSync();
  }
  throw new Error(`no serving file of ${rows} rows`);
}

function isDuckDb(path: string): boolean {
  const file = openSync(path, 'r');
  const head = Buffer.alloc(12);
  readSync(file, head, 0, 12, 0);
  closeSync(file);
  return head.toString('latin1', 8, 12) === 'DUCK';
}

/** Three kinds of question, each different from every other by its numbers. */
function questions({ category, number }: BenchSets['columns'], seed: number): Record<string, string>[] {
  const least = (seed * 37.31).toFixed(2);
  return [
    { where: `${number} > ${least}`, order: `${number} desc`, limit: String(limit) },
    { select: `${category},count(*) as n,avg(${number}) as mean`, group: category, where: `${number} > ${least}` },
    { where: `${category} <> 'none ${seed}' and ${number} between ${least} and 5000`, order: number, limit: '50' },
  ];
}

async function runDirectly(
  connection: DuckDBConnection,
  detail: Detail,
  question: Record<string, string>,
): Promise<string> {
  const parsed = parseNativeParameters(new Map(Object.entries(question)), {
    current: { columns: detail.columns } as Dataset['current'],
  });
  const target = {
    datasetId: detail.id,
    revisionId: detail.revision.id,
    schema: detail.columns,
    rows: detail.revision.rows,
  };
  const plan = planQuery(parsed, target, { defaultLimit: limit, maxLimit: 10_000 });
  const compiled = compileRows(plan, (outputs) => jsonFormat.row(outputs));
  const result = await connection.runAndReadAll(compiled.text, [...compiled.params]);
  return `[${result
    .getRows()
    .slice(0, compiled.maxRows ?? undefined)
    .map((row) => row[0])
    .join(',')}]`;
}

export async function measureNeverSeen(sets: BenchSets): Promise<Figure[]> {
  const base = `${sets.portal.url}/api/v1/datasets/${sets.million}`;
  const detail = (await (await fetch(base)).json()) as Detail;
  const connection = await openServingFile(sets.portal.dataDir, 1_000_000);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -2; round < rounds; round++) {
    for (const question of questions(sets.columns, round + 10)) {
      let body = '';
      let direct = '';
      const http = await timeMs(async () => {
        const answer = await fetch(`${base}/rows?${new URLSearchParams(question)}`);
        body = await answer.text();
        if (!answer.ok) throw new Error(`${answer.status} ${body}`);
      });
      const bare = await timeMs(async () => void (direct = await runDirectly(connection, detail, question)));
      const rows = (JSON.parse(body) as { data: unknown }).data;
      if (JSON.stringify(rows) !== JSON.stringify(JSON.parse(direct))) throw new Error('the two answers differ');
      if (round >= 0) {
        ours.push(http);
        theirs.push(bare);
      }
    }
  }
  const ratio = median(ours) / median(theirs);
  return [
    {
      what: 'never-seen query, median ÷ the same SQL run directly in DuckDB producing JSON (1M rows)',
      demand: '≤ 1.5',
      value: ratio,
      shown: ratio.toFixed(2),
      met: ratio <= 1.5,
      how: `${ours.length} queries, median ${median(ours).toFixed(1)} ms and ${median(theirs).toFixed(1)} ms; 2 threads directly`,
    },
  ];
}
