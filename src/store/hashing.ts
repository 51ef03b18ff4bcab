// SHA-256 of files, worked out in a thread of its own so that a large file never holds up an answer.
// It must not keep files open or remember anything between two files.

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

export type Hasher = {
  /** SHA-256 (hex) and length of the file as it is on disk now. Rejects with the system's error. */
  hashFile(path: string): Promise<{ readonly sha256: string; readonly bytes: number }>;
  close(): Promise<void>;
};

type Question = { readonly number: number; readonly path: string };
type Answer =
  | { readonly number: number; readonly sha256: string; readonly bytes: number }
  | { readonly number: number; readonly code: string; readonly message: string };

/** The thread starts with the first file and does not keep the process alive. */
export function openHasher(): Hasher {
  let worker: Worker | null = null;
  let last = 0;
  const waiting = new Map<number, (answer: Answer) => void>();
  const start = (): Worker => {
    const started = new Worker(new URL(import.meta.url));
    started.on('message', (answer: Answer) => {
      waiting.get(answer.number)?.(answer);
      waiting.delete(answer.number);
      if (waiting.size === 0) started.unref();
    });
    started.on('error', (error) => {
      for (const [number, answer] of waiting) answer({ number, code: 'WORKER', message: error.message });
      waiting.clear();
      worker = null;
    });
    return started;
  };
  const hashFile = async (path: string): Promise<{ sha256: string; bytes: number }> => {
    worker ??= start();
    worker.ref();
    last += 1;
    const number = last;
    const answered = new Promise<Answer>((done) => waiting.set(number, done));
    worker.postMessage({ number, path } satisfies Question);
    const answer = await answered;
    if ('sha256' in answer) return { sha256: answer.sha256, bytes: answer.bytes };
    throw Object.assign(new Error(answer.message), { code: answer.code });
  };
  const close = async (): Promise<void> => {
    await worker?.terminate();
    worker = null;
  };
  return { hashFile, close };
}

function hashNow(path: string): { sha256: string; bytes: number } {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const block = Buffer.allocUnsafe(1 << 20);
    let bytes = 0;
    for (;;) {
      const read = readSync(file, block, 0, block.length, null);
      if (read === 0) return { sha256: hash.digest('hex'), bytes };
      hash.update(block.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
}

function answerQuestion(question: Question): Answer {
  try {
    return { number: question.number, ...hashNow(question.path) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    return { number: question.number, code, message: error instanceof Error ? error.message : String(error) };
  }
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  port.on('message', (question: Question) => port.postMessage(answerQuestion(question)));
}
