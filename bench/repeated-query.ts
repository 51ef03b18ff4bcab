// A repeated query of 100 rows as JSON against a bare node:http server that sends the very same bytes.

import autocannon from 'autocannon';
import { spawn } from 'node:child_process';
import { median, type Figure } from './measure.ts';
import { freePort } from './portal.ts';
import type { BenchSets } from './sets.ts';

const bareProgram = `
import { createServer } from 'node:http';
const port = Number(process.argv[1]);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const body = Buffer.concat(chunks);
createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}).listen(port, '127.0.0.1', () => process.stdout.write('ready'));
`;

async function startBare(body: Buffer): Promise<{ url: string; stop(): void }> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--input-type=module', '-e', bareProgram, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(body);
  await new Promise((done, fail) => {
    child.stdout.once('data', done);
    child.once('exit', (code) => fail(new Error(`the bare server ended with ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}/`, stop: () => void child.kill() };
}

async function requestsPerSecond(url: string): Promise<number> {
  const run = await autocannon({ url, connections: 16, duration: 4 });
  if (run.errors > 0 || run.non2xx > 0) throw new Error(`${run.errors} errors, ${run.non2xx} refusals from ${url}`);
  return run.requests.average;
}

export async function measureRepeated(sets: BenchSets): Promise<Figure[]> {
  const url = `${sets.portal.url}/api/v1/datasets/${sets.million}/rows?limit=100&order=${sets.columns.number}%20desc`;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const body = Buffer.from(await answer.arrayBuffer());
  const bare = await startBare(body);
  const ratios: number[] = [];
  const rates: [number, number][] = [];
  try {
    for (let round = 0; round < 4; round++) {
      const theirs = await requestsPerSecond(bare.url);
      const ours = await requestsPerSecond(url);
      if (round === 0) continue; // both warm up
      ratios.push(ours / theirs);
      rates.push([ours, theirs]);
    }
  } finally {
    bare.stop();
  }
  const ratio = median(ratios);
  return [
    {
      what: 'repeated query, 100 rows JSON: requests/s ÷ bare `node:http` sending the same bytes',
      demand: '≥ 0.6',
      value: ratio,
      shown: ratio.toFixed(2),
      met: ratio >= 0.6,
      how: `${body.length} bytes, 16 connections, median of 3 pairs; ${median(rates.map((each) => each[0])).toFixed(0)} against ${median(rates.map((each) => each[1])).toFixed(0)} a second`,
    },
  ];
}
