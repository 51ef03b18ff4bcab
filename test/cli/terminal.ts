// A terminal that remembers what was written to it.

import { Writable } from 'node:stream';
import type { Terminal } from '../../src/cli/terminal.ts';

export type RememberedTerminal = Terminal & { readonly text: () => { readonly out: string; readonly err: string } };

function remember(into: string[]): Writable {
  return new Writable({
    write: (chunk: Buffer | string, _encoding, done) => {
      into.push(chunk.toString());
      done();
    },
  });
}

export function openTerminal(watched = false): RememberedTerminal {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out: remember(out),
    err: remember(err),
    watched,
    text: () => ({ out: out.join(''), err: err.join('') }),
  };
}
