// The table inside a JSON object, wherever the system that wrote it puts one: CKAN, Socrata, Esri, OData, pandas and
// the like. It must read the rows, or refuse in words; what stands around them is never published as if it were data.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { TextFile } from './encoding.ts';
import type { Findings } from './findings.ts';
import { plainForm, type NamedColumn } from './json-cells.ts';
import { toRawItems, toRawMembers, walkJson, type JsonItem } from './json-file.ts';
import { asObject, describe, parseJson, readMembers, readText, type Member, type Place } from './json-members.ts';
import { esriRows } from './json-esri.ts';
import { arrayWalk, firstItem, itemForm, type JsonRows, type JsonWalker, type Within } from './json-rows.ts';
import type { ColumnHint } from './table-source.ts';

/** Where one of several lists is the table, it goes by one of these names. */
const usualNames: ReadonlySet<string> = new Set(
  'features data rows records results result items value values response body payload hits d'.split(' '),
);

/** Lists of lists of these names are tables; of another name they may be coordinates, or whatever. */
const listNames: ReadonlySet<string> = new Set('data rows records results values'.split(' '));

/** Lists of objects that describe a table, and are one only where nothing else is. */
const aboutNames: ReadonlySet<string> = new Set(
  'fields columns cols links errors warnings messages facets aggregations parameters metadata meta schema'.split(' '),
);

/** What stands beside a number of rows in the answer of an interface. */
const pageNames: ReadonlySet<string> = new Set('records hits limit offset page per_page start'.split(' '));

/** A table stands at most so deep within an object. */
const deepest = 4;
/** A table that is written column by column has to be turned in memory: up to so many bytes. */
const largestTurned = 64 * 1024 * 1024;

/** Throws file-unreadable and unsupported-media-type in words; null when the object holds no table. */
export async function tableOfObject(
  text: TextFile,
  root: Place,
  members: readonly Member[],
  within: Within,
): Promise<JsonRows | null> {
  await refuse(text, members);
  const rows =
    (await esriRows(text, members)) ??
    (await listRows(text, members)) ??
    (await objectRows(text, members, within)) ??
    (within.depth === 0 ? await turnedRows(text, root, members) : null) ??
    (await innerRows(text, members, within)) ??
    (await objectRows(text, members, within, true));
  if (rows === null) {
    const nested = members.some(({ value }) => isNested(value));
    if (within.depth === 0 && nested) within.findings.add('row-unreadable', 'warning', say('publish.json-one-object'));
    return null;
  }
  await sayPart(text, members, within.findings);
  return { ...rows, announced: rows.announced ?? (await announcedRows(text, members)) };
}

function isNested({ bytes }: JsonItem): boolean {
  return bytes[0] === 0x7b || bytes[0] === 0x5b;
}

async function refuse(text: TextFile, members: readonly Member[]): Promise<void> {
  const has = (key: string) => members.some((member) => member.key === key);
  const isNestedMember = (key: string) => members.some((member) => member.key === key && isNested(member.value));
  if (isNestedMember('dimension') && isNestedMember('value')) {
    throw new PortalError('unsupported-media-type', say('publish.json-stat'));
  }
  if (isNestedMember('dataSets') && (isNestedMember('structure') || isNestedMember('structures'))) {
    throw new PortalError('unsupported-media-type', say('publish.sdmx-json'));
  }
  const view = has('meta') && !has('data') ? asObject(await describe(text, members, 'meta'))['view'] : undefined;
  if (Array.isArray(asObject(view)['columns'])) {
    throw new PortalError('file-unreadable', say('publish.json-description-only'));
  }
  const saysWhy = has('error') || has('errors') || has('help');
  if (saysWhy && has('success') && (await describe(text, members, 'success')) === false) {
    throw new PortalError('file-unreadable', say('publish.json-says-failed'));
  }
}

/** Told when the file itself says that it is a part of the whole: whoever publishes it would lose the rest. */
async function sayPart(text: TextFile, members: readonly Member[], findings: Within['findings']): Promise<void> {
  const next = ['@odata.nextLink', 'nextLink', 'next', 'next_page', 'nextPage'];
  const links = await describe(text, members, 'links');
  const linked = Array.isArray(links) && links.some((link) => asObject(link)['rel'] === 'next');
  let isPart = linked || (await describe(text, members, 'exceededTransferLimit')) === true;
  for (const key of next) {
    const value = await describe(text, members, key);
    if (typeof value === 'string' && value !== '') isPart = true;
  }
  if (isPart) findings.add('row-unreadable', 'warning', say('publish.json-part'));
}

async function announcedRows(text: TextFile, members: readonly Member[]): Promise<number | null> {
  // A total alone may be a sum; beside the signs of a page it is the number of rows.
  const isPaged = members.some(({ key }) => pageNames.has(key));
  for (const key of [
    ...(isPaged ? ['total'] : []),
    'totalCount',
    'total_count',
    'numberMatched',
    '@odata.count',
    'odata.count',
  ]) {
    const value = Number(await describe(text, members, key));
    if (Number.isSafeInteger(value) && value > 0) return value;
  }
  return null;
}

// Lists of lists, with their columns beside them ----------------------------------------------------------------------

async function listRows(text: TextFile, members: readonly Member[]): Promise<JsonRows | null> {
  for (const { key, value } of members) {
    if (value.bytes[0] !== 0x5b) continue;
    const walk = arrayWalk(text.path, value.start + 1, value.line);
    const first = await firstItem(walk);
    if (first?.bytes[0] !== 0x5b) continue;
    const width = toRawItems(first.bytes.toString('utf8')).length;
    const columns = await namedColumns(text, members, width);
    if (columns === null && !listNames.has(key)) continue;
    if (columns === null) {
      throw new PortalError('file-unreadable', {
        detail: say('publish.json-lists-unnamed', { name: key, line: first.line }),
        extra: { line: first.line },
      });
    }
    return { format: 'json', form: { ...plainForm, item: 'list', columns }, crs: null, walk };
  }
  return null;
}

/** The member that names as many columns as a row has values: CKAN's fields, pandas' columns, Socrata's view. */
async function namedColumns(text: TextFile, members: readonly Member[], width: number): Promise<NamedColumn[] | null> {
  const view = asObject(asObject(await describe(text, members, 'meta'))['view']);
  const lists: unknown[] = [view['columns']];
  for (const key of ['fields', 'columns', 'header', 'headers', 'cols', 'names', 'column_names']) {
    lists.push(await describe(text, members, key));
  }
  lists.push(asObject(await describe(text, members, 'schema'))['fields']);
  const found = lists.find((list) => Array.isArray(list) && list.length === width) as readonly unknown[] | undefined;
  const columns = found?.map(toNamedColumn) ?? [];
  return columns.length > 0 && columns.every((column) => column !== null) ? columns : null;
}

/** Kinds whose values some systems write as text. */
const numericKinds = new Set(['number', 'money', 'percent', 'double', 'numeric', 'integer', 'int', 'float', 'decimal']);

function toNamedColumn(said: unknown, index: number): NamedColumn | null {
  const column = asObject(said);
  const title =
    typeof said === 'string' ? said : (column['name'] ?? column['id'] ?? column['label'] ?? column['title']);
  if (typeof title !== 'string') return null;
  const kind = String(column['dataTypeName'] ?? column['type'] ?? '');
  const hint: ColumnHint | null = numericKinds.has(kind) || kind === 'checkbox' ? 'any' : null;
  return { key: `l:${index}`, title, hint, isSystem: kind === 'meta_data' };
}

/** Rows that are lists and no more: the first one names the columns when it holds only different texts. */
export async function tableOfLists(walk: JsonWalker, format: 'json' | 'ndjson', findings: Findings): Promise<JsonRows> {
  const first = await firstItem(walk);
  const raws = first === null ? [] : toRawItems(first.bytes.toString('utf8'));
  const isHeader = raws.length > 0 && raws.every((raw) => raw.startsWith('"')) && new Set(raws).size === raws.length;
  if (!isHeader) findings.add('row-unreadable', 'warning', say('publish.no-header'), { line: first?.line ?? 1 });
  const columns = raws.map((raw, index) => ({
    key: `l:${index}`,
    title: isHeader ? String(parseJson(raw, first?.line ?? 1)) : '',
    hint: null,
    isSystem: false,
  }));
  const below: JsonWalker = async (visit) => {
    let index = 0;
    await walk((item) => (index++ === 0 ? true : visit(item)));
  };
  return { format, form: { ...plainForm, item: 'list', columns }, crs: null, walk: isHeader ? below : walk };
}

// Lists of objects ----------------------------------------------------------------------------------------------------

async function objectRows(
  text: TextFile,
  members: readonly Member[],
  { findings }: Within,
  evenAbout = false,
): Promise<JsonRows | null> {
  const tables: Member[] = [];
  for (const member of members) {
    if (member.value.bytes[0] !== 0x5b || (!evenAbout && aboutNames.has(member.key))) continue;
    const first = await firstItem(arrayWalk(text.path, member.value.start + 1, member.value.line));
    if (first?.bytes[0] === 0x7b) tables.push(member);
  }
  const table = requireOne(tables, ({ key }) => key);
  if (table === null) return null;
  sayOthers(table.key, members, findings);
  const walk = arrayWalk(text.path, table.value.start + 1, table.value.line);
  return { format: 'json', form: await itemForm(walk), crs: null, walk };
}

/** The only one, or the one that goes by a usual name. Throws file-unreadable when there are several. */
function requireOne<Table>(tables: readonly Table[], nameOf: (table: Table) => string): Table | null {
  const table = tables.length > 1 ? tables.find((each) => usualNames.has(nameOf(each))) : (tables[0] ?? null);
  if (table !== undefined) return table;
  const names = tables.map((each) => `“${nameOf(each)}”`).join(', ');
  throw new PortalError('file-unreadable', {
    detail: say('publish.several-tables', { count: tables.length, names }),
    extra: { tables: tables.map(nameOf) },
  });
}

function sayOthers(key: string, members: readonly Member[], findings: Within['findings']): void {
  const others = members.filter((member) => member.key !== key).map((member) => `“${member.key}”`);
  if (others.length === 0) return;
  const sentence = others.length === 1 ? 'publish.member-left-out' : 'publish.members-left-out';
  findings.add('row-unreadable', 'note', say(sentence, { table: key, others: others.slice(0, 20).join(', ') }));
}

/** A table deeper within: the answer of an interface around it, GeoJSON in JSON. */
async function innerRows(text: TextFile, members: readonly Member[], within: Within): Promise<JsonRows | null> {
  if (within.depth >= deepest) return null;
  type Said = Parameters<Findings['add']>;
  const found: { readonly key: string; readonly rows: JsonRows; readonly said: readonly Said[] }[] = [];
  for (const { key, value } of members) {
    if (value.bytes[0] !== 0x7b || value.end - value.start < 3) continue;
    const place = { offset: value.start, line: value.line };
    const inner = await readMembers(text, place);
    // What is said of a table that is not chosen is not said of the file.
    const said: Said[] = [];
    const findings = { add: (...each: Said) => void said.push(each) };
    const rows = await within.rowsOf(text, place, inner.members, { ...within, findings, depth: within.depth + 1 });
    if (rows !== null) found.push({ key, rows, said });
  }
  const one = requireOne(found, ({ key }) => key);
  if (one === null) return null;
  for (const each of one.said) within.findings.add(...each);
  sayOthers(one.key, members, within.findings);
  return one.rows;
}

// Tables turned on their side, as pandas writes them ------------------------------------------------------------------

/** `{"a":[1,2],"b":[3,4]}`, `{"a":{"0":1,"1":2},…}` and `{"0":{"a":1},"1":{"a":2},…}`. */
async function turnedRows(text: TextFile, root: Place, members: readonly Member[]): Promise<JsonRows | null> {
  const [one, two = one] = members;
  if (one === undefined || two === undefined) return null;
  if (members.every(({ value }) => value.bytes[0] === 0x5b)) return await columnsOfLists(text, members);
  if (!members.every(({ value }) => value.bytes[0] === 0x7b)) return null;
  const names = await namesOf(text, one);
  const isSame = names.length > 0 && names.join('\0') === (await namesOf(text, two)).join('\0');
  if (!isSame) return null;
  const countUp = names.length > (one === two ? 1 : 0) && names.every((name, index) => name === String(index));
  if (countUp) return await columnsOfObjects(text, members, names);
  if (one === two) return null;
  const inside = { from: root.offset + 1, line: root.line, close: '}', whole: true } as const;
  const walk: JsonWalker = async (visit) => void (await walkJson(text.path, inside, visit));
  const columns = [{ key: 'l:index', title: 'index', hint: 'any', isSystem: false } as const];
  return { format: 'json', form: { ...plainForm, item: 'member', columns }, crs: null, walk };
}

async function namesOf(text: TextFile, { value }: Member): Promise<readonly string[]> {
  if (value.end - value.start > largestTurned) return [];
  const raw = await readText(text.path, value.start, value.end);
  parseJson(raw, value.line);
  return [...toRawMembers(raw).keys()];
}

async function columnsOfLists(text: TextFile, members: readonly Member[]): Promise<JsonRows | null> {
  const columns: (readonly string[])[] = [];
  if (sizeOf(members) > largestTurned) return null;
  for (const { value } of members) {
    const raw = await readText(text.path, value.start, value.end);
    parseJson(raw, value.line);
    columns.push(toRawItems(raw));
  }
  const rows = columns[0]?.length ?? 0;
  const isTable = rows > 0 && columns.every((values) => values.length === rows && !values.some(isNestedText));
  return isTable ? turned(members, columns) : null;
}

async function columnsOfObjects(
  text: TextFile,
  members: readonly Member[],
  names: readonly string[],
): Promise<JsonRows | null> {
  if (sizeOf(members) > largestTurned) throw new PortalError('file-unreadable', say('publish.json-turned-too-large'));
  const columns: (readonly string[])[] = [];
  for (const { key, value } of members) {
    const raw = await readText(text.path, value.start, value.end);
    parseJson(raw, value.line);
    const cells = toRawMembers(raw);
    const isSame = cells.size === names.length && names.every((name) => cells.has(name));
    if (!isSame) {
      throw new PortalError('file-unreadable', {
        detail: say('publish.json-turned-uneven', { name: key, line: value.line }),
        extra: { line: value.line },
      });
    }
    columns.push(names.map((name) => cells.get(name) as string));
  }
  return turned(members, columns);
}

function sizeOf(members: readonly Member[]): number {
  return members.reduce((sum, { value }) => sum + value.end - value.start, 0);
}

function isNestedText(raw: string): boolean {
  return raw.startsWith('{') || raw.startsWith('[');
}

function turned(members: readonly Member[], columns: readonly (readonly string[])[]): JsonRows {
  const named = members.map(({ key }, index) => ({ key: `l:${index}`, title: key, hint: null, isSystem: false }));
  const { start, end, line } = (members[0] as Member).value;
  const walk: JsonWalker = async (visit) => {
    for (let row = 0; row < (columns[0]?.length ?? 0); row++) {
      const cells = columns.map((values) => values[row] as string);
      if (visit({ start, end, line, bytes: Buffer.from(`[${cells.join(',')}]`) }) === false) return;
    }
  };
  return { format: 'json', form: { ...plainForm, item: 'list', columns: named }, crs: null, walk };
}
