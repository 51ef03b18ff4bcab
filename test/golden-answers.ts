// An answer as settled text: what is new at every start (ids, secrets, hashes of built files) stands as its kind.
// It must leave everything else as it was sent, or a golden file would prove less than it says.

import type { Answer } from './portal.ts';

const unsettled: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu, '<uuid>'],
  [/\b[0-9a-f]{64}\b/gu, '<sha256>'],
  [/\b[2-9bcdfghjkmnpqrstvwxyz]{4}-[2-9bcdfghjkmnpqrstvwxyz]{4}\b/gu, '<code>'],
  [/(\/_app\/immutable\/[\w/.-]*?)[.-]?[\w-]{8}\.(js|css)/gu, '$1.<hash>.$2'],
  [/\bsvelte-[a-z0-9]{5,8}\b/gu, 'svelte-<hash>'],
  [/\.[0-9a-f]{12}@example\.gov/gu, '.<hex>@example.gov'],
  [/^etag: .*$/gmu, 'etag: <tag>'],
  [/\b[0-9a-f]{12}-[0-9a-z]{1,4}\b/gu, '<request id>'],
  [/("serviceMillis": |"searchMillis": \[\s+)\d+/gu, '$1<ms>'],
];

const shownHeaders = ['content-type', 'cache-control', 'etag', 'link', 'location', 'vary', 'x-soda2-types'];

function settle(text: string): string {
  return unsettled.reduce((settled, [pattern, kind]) => settled.replace(pattern, kind), text);
}

/** JSON over several lines, HTML a line to an element, so that a difference is a line. */
function toLines(answer: Answer, isFirst: boolean): string {
  const type = String(answer.headers['content-type'] ?? '');
  if (/json/u.test(type)) return JSON.stringify(JSON.parse(answer.body), null, 1);
  if (/html|xml/u.test(type)) return (isFirst ? answer.body : ownOf(answer.body)).replaceAll(/>\s*</gu, '>\n<');
  return answer.body;
}

/** A page without the head and foot that every page has. */
function ownOf(html: string): string {
  const own = [...html.matchAll(/<title>.*?<\/title>|<main[\s>].*<\/main>/gsu)].map(([part]) => part);
  return own.length < 2 ? html : own.join('\n');
}

/** The first of a file stands whole, with the head and foot of every page. */
export function settleAnswer(title: string, answer: Answer, isFirst: boolean): string {
  const headers = shownHeaders.flatMap((name) => {
    const value = answer.headers[name];
    return value === undefined ? [] : [`${name}: ${String(value)}`];
  });
  return settle([`### ${title}`, String(answer.status), ...headers, '', toLines(answer, isFirst), ''].join('\n'));
}
