// What both reading processes do: take the file from standard input, answer one question after the other.
// It must end the process when the portal is gone.

import process from 'node:process';

export type Question = { readonly id: number; readonly kind: string } & Readonly<Record<string, unknown>>;

/** Pieces of standard input as they come; `most` bytes at most are taken. */
export async function readInput(bytes: number, take: (at: number, piece: Uint8Array) => void): Promise<void> {
  let at = 0;
  for await (const piece of process.stdin) {
    const chunk = piece as Buffer;
    if (at + chunk.length > bytes) throw new Error('more bytes came than were announced');
    take(at, chunk);
    at += chunk.length;
  }
  if (at !== bytes) throw new Error('fewer bytes came than were announced');
}

export function answerQuestions(answer: (question: Question) => Promise<unknown>): void {
  process.on('message', (message) => {
    const question = message as Question;
    answer(question).then(
      (value) => process.send?.({ id: question.id, answer: value }),
      (error: unknown) => process.send?.({ id: question.id, ...toFailure(error) }),
    );
  });
  process.on('disconnect', die);
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    die();
  });
}

/** At every other end, and when it kills itself, Node writes what it compiled: empty files under the limit on files. */
function die(): void {
  process.abort();
}

function toFailure(error: unknown): { readonly failure: string; readonly words: string } {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error instanceof Error && 'failure' in error) return { failure: String(error.failure), words: error.message };
  return { failure: 'unexpected', words };
}
