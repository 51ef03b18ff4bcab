// A child process that reads files nobody should trust: limited in memory and time, killed when it goes over either.
// It must not be given the portal's environment, its keys or its database: bytes go in, answers come out.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

import { toCompiled } from '../../base/compiled.ts';
import { PortalError } from '../../base/errors.ts';

export type SandboxProgram = 'pdf/child' | 'convert/child';

/** The child said what is wrong with the file, or died of it. */
export class SandboxError extends Error {
  readonly failure: 'password' | 'corrupt' | 'too-large' | 'killed';
  constructor(failure: SandboxError['failure'], words: string) {
    super(`${failure}: ${words}`);
    this.name = 'SandboxError';
    this.failure = failure;
  }
}

export type Sandbox = {
  readonly pid: number;
  readonly isOver: () => boolean;
  /** One at a time. Throws SandboxError; after 'killed' nothing more can be asked. */
  ask<Answer>(question: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<Answer>;
  /** Bytes for the child's standard input, which is ended after them. */
  feed(pieces: AsyncIterable<Uint8Array>): Promise<void>;
  close(): Promise<void>;
};

type Reply = { readonly id: number; readonly answer?: unknown; readonly failure?: string; readonly words?: string };
type Asked = { resolve(answer: unknown): void; reject(error: Error): void };

/** V8 reserves this much writable address space for machine code, which counts as data and is hardly ever filled. */
const codeRangeMegabytes = 512;
const dataMegabytes = 1536;
const heapMegabytes = 512;
const failures = ['password', 'corrupt', 'too-large'] as const;

export function openSandbox(program: SandboxProgram): Sandbox {
  const child = start(program);
  const asked = new Map<number, Asked>();
  let last = 0;
  let words = '';
  let over = false;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1000);
  });
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      const error = new SandboxError('killed', 'the process that read the file ended');
      for (const { reject } of asked.values()) reject(error);
      asked.clear();
      resolve();
    };
    child.once('error', end);
    child.once('close', end);
  });
  child.on('message', (message) => {
    const { id, answer, failure, words: said = '' } = message as Reply;
    const waiting = asked.get(id);
    asked.delete(id);
    if (failure === undefined) waiting?.resolve(answer);
    else waiting?.reject(toError(failure, said));
  });
  return {
    pid: child.pid ?? 0,
    isOver: () => over,
    async ask<Answer>(question: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<Answer> {
      if (over) throw new SandboxError('killed', words);
      const id = ++last;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      asked.set(id, { resolve, reject });
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      try {
        child.send({ ...question, id }, (error) => {
          if (error !== null) child.kill('SIGKILL'); // its end answers whoever waits
        });
        return (await promise) as Answer;
      } finally {
        clearTimeout(timer);
      }
    },
    feed: (pieces) => feed(child, pieces, () => over),
    async close() {
      if (!over) child.kill('SIGKILL');
      await ended;
    },
  };
}

function toError(failure: string, words: string): Error {
  const known = failures.find((each) => each === failure);
  if (known !== undefined) return new SandboxError(known, words);
  return new PortalError('internal-error', { cause: new Error(`a reading process failed: ${words}`) });
}

async function feed(child: ChildProcess, pieces: AsyncIterable<Uint8Array>, isOver: () => boolean): Promise<void> {
  const { stdin } = child;
  if (stdin === null) throw new Error('the child has no standard input');
  stdin.on('error', () => undefined); // a child that died says so by its end
  for await (const piece of pieces) {
    if (isOver() || stdin.destroyed) return;
    if (stdin.write(piece)) continue;
    await new Promise<void>((go) => {
      const on = () => {
        stdin.off('drain', on).off('close', on);
        go();
      };
      stdin.on('drain', on).on('close', on);
    });
  }
  stdin.end();
}

/**
 * A shell sets the limits, which Node cannot, and becomes the child. No file can grow: of what Node has compiled, the
 * child reads what is there and adds nothing.
 */
function start(program: SandboxProgram): ChildProcess {
  const file = fileURLToPath(new URL(`./${program}.ts`, import.meta.url));
  const kilobytes = (dataMegabytes + codeRangeMegabytes) * 1024;
  const script = `ulimit -c 0; ulimit -d ${kilobytes}; ulimit -f 0; exec "$0" "$@"`;
  const options = ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${heapMegabytes}`];
  return spawn('/bin/sh', ['-c', script, process.execPath, ...options, file], {
    cwd: tmpdir(),
    env: {
      TZ: 'UTC',
      LANG: 'C',
      MALLOC_ARENA_MAX: '2',
      VIPS_CONCURRENCY: '1',
      UV_THREADPOOL_SIZE: '2',
      ...toCompiled(),
    },
    stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
}
