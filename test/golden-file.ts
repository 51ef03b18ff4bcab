// Golden files: what the portal makes, kept as text in test/golden so that a change of it is seen in a diff.
// UPDATE_GOLDEN=1 writes them anew; without it nothing is ever written.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, 'golden');
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const hint = 'UPDATE_GOLDEN=1 writes it anew';

/** The files of a folder of test/golden, by name, without what stands below it. */
export function goldenNames(kind: string): readonly string[] {
  return readdirSync(resolve(folder, kind), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

/** Asserts that the file has this very text. */
export function checkGolden(name: string, text: string): void {
  const path = resolve(folder, name);
  if (isUpdate) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(readFileSync(path, 'utf8'), text, `test/golden/${name}: ${hint}`);
}

/** Lines of a request in, text without an empty line out. */
export type Answering = (lines: readonly string[]) => string | Promise<string>;

/**
 * Asserts that a file of cases holds the answers. A case ends at an empty line: lines of the request begin with `> `,
 * comments with `#`, the rest is the answer.
 */
export async function checkGoldenCases(name: string, answer: Answering): Promise<void> {
  const file = readFileSync(resolve(folder, name), 'utf8');
  assert.match(file, /^> /m, 'a golden file has at least one request');
  const written: string[] = [];
  for (const block of file.trimEnd().split(/\n{2,}/)) {
    const lines = block.split('\n');
    const comments = lines.filter((line) => line.startsWith('#'));
    const request = lines.filter((line) => line.startsWith('>')).map((line) => line.slice(2));
    if (request.length === 0) written.push(comments.join('\n'));
    else written.push([...comments, ...request.map((line) => `> ${line}`), await answer(request)].join('\n'));
  }
  checkGolden(name, `${written.join('\n\n')}\n`);
}
