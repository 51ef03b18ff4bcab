// The native API's envelope around rows, the address of the next page, and which format an answer takes.
// It must put what is known only at the end (the cursor) at the end, so that rows can be streamed.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { AnswerEnd, RowFormat } from '../../formats/format.ts';
import type { ReadContext } from '../../serve/read/answer.ts';
import { exportFormats } from '../../serve/read/formats.ts';
import type { RowFormatName } from '../../serve/read/formats.ts';
import { chooseMediaType } from '../../serve/http/negotiate.ts';

export const rowFormatNames = Object.keys(exportFormats) as readonly RowFormatName[];

type FormatWish = { readonly named: string | undefined; readonly accept: string | undefined };

/**
 * The address decides (`?format=` or the suffix), then Accept; JSON when nothing is said. Throws bad-request,
 * not-acceptable.
 */
export function chooseRowFormat(wish: FormatWish): RowFormatName {
  if (wish.named !== undefined) {
    const named = rowFormatNames.find((name) => name === wish.named);
    if (named !== undefined) return named;
    throw new PortalError('not-acceptable', say('dialects.row-formats', { known: rowFormatNames.join(', ') }));
  }
  const types = rowFormatNames.map((name) => exportFormats[name].mediaType);
  const chosen = chooseMediaType(wish.accept, types);
  const found = rowFormatNames.find((name) => exportFormats[name].mediaType === chosen);
  if (found !== undefined) return found;
  throw new PortalError('not-acceptable', say('dialects.row-formats', { known: types.join(', ') }));
}

/** GeoJSON needs places. Throws not-acceptable. */
export function requireFormat(name: RowFormatName, context: ReadContext): RowFormat {
  const spatial = context.columns.some((column) => column.type.kind === 'geometry');
  if (name === 'geojson' && !spatial) {
    throw new PortalError('not-acceptable', say('dialects.no-geometry'));
  }
  return exportFormats[name];
}

/** `{"data":[…],"next":…}`: the rows as JSON objects, then how the page ended. */
export function toEnvelope(context: ReadContext, address: PageAddress): RowFormat {
  const rows = exportFormats.json;
  return {
    ...rows,
    id: 'native-json',
    version: rows.version,
    row: (columns) => rows.row(columns),
    begin: () => '{"data":[\n',
    end(end, info) {
      const links = { self: address.self, next: nextAddress(address, end) };
      const rest = {
        next: end.next,
        truncated: end.truncated,
        links,
        revision: info.revisionId,
        query: context.sentence(),
      };
      return `\n],${JSON.stringify(rest).slice(1)}\n`;
    },
  };
}

/** Where a page stands: its own address, and how the next one is written; null for a query that came as a body. */
export type PageAddress = { readonly self: string; readonly withCursor: ((cursor: string) => string) | null };

function nextAddress(address: PageAddress, end: AnswerEnd): string | null {
  return end.next === null || address.withCursor === null ? null : address.withCursor(end.next);
}

export function toLink(address: PageAddress, end: AnswerEnd): string | null {
  const next = nextAddress(address, end);
  return next === null ? null : `<${next}>; rel="next"`;
}

/** The address as asked, on the portal's public name; the next page is the same question after the cursor. */
export function toPageAddress(publicUrl: string, path: string, parameters: ReadonlyMap<string, string>): PageAddress {
  const write = (pairs: readonly (readonly [string, string])[]) => {
    const query = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]));
    return `${publicUrl}${path}${query.size === 0 ? '' : `?${query}`}`;
  };
  const asked = [...parameters];
  const rest = asked.filter(([name]) => name !== 'after' && name !== 'offset');
  return { self: write(asked), withCursor: (cursor) => write([...rest, ['after', cursor]]) };
}
