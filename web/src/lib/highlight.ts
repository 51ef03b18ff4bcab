// JSON samples as runs with a class each, so that they read in colour without script or inline style.
// It must not make HTML; other languages come highlighted from the portal.

export type CodeRun = { readonly text: string; readonly kind: string | null };

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** JSON text in runs; the runs joined are the text. What is not JSON comes back as it is. */
export function highlightJson(text: string): readonly CodeRun[] {
  const runs: CodeRun[] = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, string, colon, number] = match;
    if (match.index > end) runs.push({ text: text.slice(end, match.index), kind: null });
    const kind = string === undefined ? (number === undefined ? 'keyword' : 'constant') : colon ? 'function' : 'string';
    runs.push({ text: string ?? whole, kind: `token-${kind}` });
    if (colon !== undefined) runs.push({ text: colon, kind: null });
    end = match.index + whole.length;
  }
  return end === text.length ? runs : [...runs, { text: text.slice(end), kind: null }];
}
