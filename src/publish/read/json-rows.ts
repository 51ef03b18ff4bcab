// What the rows of a JSON text are, once they are found, and the walks over them.
// It must not find them: json-root.ts and json-wrappers.ts do.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { crsTransform } from '../../geo/crs.ts';
import type { TextFile } from './encoding.ts';
import type { Findings } from './findings.ts';
import { plainForm, type ItemForm } from './json-cells.ts';
import { walkJson, type JsonItem } from './json-file.ts';
import type { Member, Place } from './json-members.ts';

export type JsonRows = {
  readonly format: 'json' | 'ndjson' | 'geojson';
  readonly form: ItemForm;
  readonly crs: string | null;
  readonly walk: JsonWalker;
  /** How many rows the file says there are, when it says so. */
  readonly announced?: number | null;
};

export type JsonWalker = (visit: (item: JsonItem) => boolean | void) => Promise<void>;

/** Where in the file an object is looked into, and how to look into one within it. */
export type Within = {
  readonly findings: Pick<Findings, 'add'>;
  readonly depth: number;
  readonly rowsOf: (
    text: TextFile,
    root: Place,
    members: readonly Member[],
    within: Within,
  ) => Promise<JsonRows | null>;
};

export function arrayWalk(path: string, from: number, line: number): JsonWalker {
  return async (visit) => void (await walkJson(path, { from, line, close: ']', whole: true }, visit));
}

export async function firstItem(walk: JsonWalker): Promise<JsonItem | null> {
  let first: JsonItem | null = null;
  await walk((item) => {
    first = item;
    return false;
  });
  return first;
}

export async function itemForm(walk: JsonWalker): Promise<ItemForm> {
  return { item: toType(await firstItem(walk)) === 'Feature' ? 'feature' : 'object', ...plainForm };
}

/** The `type` of an object, for telling what it is; null for anything else, broken JSON too. */
export function toType(item: JsonItem | null): string | null {
  if (item?.bytes[0] !== 0x7b) return null;
  try {
    const { type } = JSON.parse(item.bytes.toString('utf8')) as { type?: unknown };
    return typeof type === 'string' ? type : null;
  } catch {
    return null; // whoever reads the item as a row says what is wrong with it
  }
}

/** Throws geometry-invalid for a system that is not known here; `said` is how the file names it. */
export function requireCrs(name: string | null, said: string, line: number): string {
  if (name !== null && crsTransform(name) !== null) return name;
  throw new PortalError('geometry-invalid', {
    detail: say('publish.crs-unknown', { crs: said.slice(0, 200) }),
    extra: { line },
  });
}
