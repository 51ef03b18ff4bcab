// The mailbox format of Unix, RFC 4155: messages one after the other, a line that begins with "From " before each.
// It must leave out nothing: what looks like such a line and is none stays in its message.

/** A message as RFC 5322 writes it, and the folder of the mailbox that it lay in. */
export type Kept = { readonly folder: string; readonly bytes: Buffer };

/** Who sent it, when it came, and the first line of its head. */
const begins = /From \S[^\r\n]*\d\d:\d\d[^\r\n]*\d{4}[^\r\n]*\r?\n(?=[!-9;-~]+:)/uy;

export function isMbox(head: Buffer): boolean {
  return lengthOfBeginning(head.toString('latin1'), 0) > 0;
}

function lengthOfBeginning(text: string, at: number): number {
  begins.lastIndex = at;
  return begins.exec(text)?.[0].length ?? 0;
}

/** A line of a message that looked like such a line was written with one `>` more. */
export function splitMbox(bytes: Buffer): readonly Kept[] {
  const text = bytes.toString('latin1');
  const starts: { readonly line: number; readonly message: number }[] = [];
  for (let at = 0; at >= 0; at = next(text, at)) {
    const length = lengthOfBeginning(text, at);
    if (length > 0) starts.push({ line: at, message: at + length });
  }
  return starts.map(({ message }, index) => {
    const whole = text.slice(message, starts[index + 1]?.line ?? text.length);
    return { folder: '', bytes: Buffer.from(whole.replaceAll(/^>(>*From )/gmu, '$1'), 'latin1') };
  });
}

/** Such a line follows an empty one. */
function next(text: string, at: number): number {
  for (let found = text.indexOf('\nFrom ', at); found >= 0; found = text.indexOf('\nFrom ', found + 1))
    if (text[found - 1] === '\n' || text.slice(found - 2, found) === '\n\r') return found + 1;
  return -1;
}
