// From one received file to the files of a revision and the report on it: read, load, type, locate, validate, write.
// It must account for every row of the file, and must not touch the catalogue or the store.

import { join } from 'node:path';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { ColumnProfile, IngestReport } from '../catalogue/dataset.ts';
import type { BuildSession, Engine } from '../engine/engine.ts';
import type { Column, Schema } from '../query/column.ts';
import { readOne, toNumber, toText, type Build } from './read/build.ts';
import { bomLength, expandGzip, isUtf16, readHead, requireContent } from './read/content.ts';
import { guessCsv, openCsv } from './read/csv-source.ts';
import { fitDeclared } from './read/declared.ts';
import { requireUtf8 } from './read/encoding.ts';
import { createFindings, type Findings } from './read/findings.ts';
import { deriveGeometry, readFeatureGeometry } from './read/geometry.ts';
import { looksLikeJson } from './read/json-root.ts';
import { openJson } from './read/json-source.ts';
import { beginLoad, loadTable, toRawName, type LoadPlan, type Preload } from './read/load.ts';
import { toColumnNames } from './read/names.ts';
import { countParquetRows, loadParquet } from './read/parquet-source.ts';
import type { Fault, PlannedColumn } from './read/planned.ts';
import { profileColumns } from './profile.ts';
import { openQuarantine, type Quarantine } from './read/quarantine.ts';
import type { Recipe } from '../catalogue/recipe.ts';
import { toRecordNumber, type TableSource } from './read/table-source.ts';
import { decideTypes, type TypedColumn } from './read/types.ts';
import type { OnStep } from './steps.ts';
import { closeServing, writeParquet, writeServing } from './write-revision.ts';

export type IngestDeps = {
  readonly engine: Pick<Engine, 'build'>;
  /** A folder of this one ingest; whoever made it removes it. */
  readonly folder: string;
  readonly limits: IngestLimits;
};

export type IngestLimits = {
  readonly expandedBytes: number;
  readonly deadlineMs: number;
  readonly memoryBytes: number;
  readonly columns: number;
  readonly quarantinedRows: number;
};

export const defaultIngestLimits: IngestLimits = {
  expandedBytes: 20 * 1024 ** 3,
  deadlineMs: 60 * 60_000,
  memoryBytes: 1_300_000_000,
  columns: 10_000,
  quarantinedRows: 1_000_000,
};

/** Tables of up to so many rows have their profile at once. */
const profiledRows = 200_000;

export type IngestFile = {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
};

export type IngestOptions = {
  /** Columns of the revision before, or null. */
  readonly declared?: Schema | null;
  readonly locale?: string | undefined;
  /** What the publisher says of the file instead of having it guessed. */
  readonly recipe?: Recipe | undefined;
  /** The publisher has decided for the changes that the recipe lets wait. */
  readonly acceptsChanges?: boolean;
  /** Called after each step, in order; a test kills the process here. */
  readonly step?: OnStep;
};

export type Described = { readonly columns: readonly Column[]; readonly report: IngestReport };

export type Ingested = Described & {
  readonly parquet: string;
  readonly serving: string;
  readonly quarantine: { readonly path: string; readonly rows: number } | null;
  /** Empty for a large table: it is derived after the release. */
  readonly profile: readonly ColumnProfile[];
};

/** Everything but writing. Throws the PortalError that says why the file cannot be published. */
export async function describeIngest(deps: IngestDeps, file: IngestFile, options: IngestOptions): Promise<Described> {
  return await withPlan(deps, file, options, async (_build, { columns, report }) => ({ columns, report }));
}

export async function ingestFile(deps: IngestDeps, file: IngestFile, options: IngestOptions): Promise<Ingested> {
  const paths = { parquet: join(deps.folder, 'revision.parquet'), serving: join(deps.folder, 'serving.duckdb') };
  return await withPlan(deps, file, options, async (build, plan) => {
    const written = await writeServing(build, paths, plan.planned);
    if (written !== plan.report.rowsPublished) {
      throw new PortalError(
        'internal-error',
        `${plan.report.rowsPublished} rows were to be written and ${written} were.`,
      );
    }
    await build.run('drop table raw'); // gives its memory to the Parquet writer
    await options.step?.('serving-written');
    await writeParquet(build, paths);
    await options.step?.('parquet-written');
    // The figures of a large table take as long as writing it: they follow the release (derive.ts).
    const profile = written > profiledRows ? [] : await profileColumns(build, 'serving.data', plan.columns, written);
    await closeServing(build, paths);
    await options.step?.('profiled');
    const { columns, report, quarantine } = plan;
    return { columns, report, quarantine, profile, ...paths };
  });
}

type Plan = Described & {
  readonly planned: readonly PlannedColumn[];
  readonly quarantine: { readonly path: string; readonly rows: number } | null;
};

async function withPlan<Result>(
  deps: IngestDeps,
  file: IngestFile,
  options: IngestOptions,
  use: (build: Build, plan: Plan) => Promise<Result>,
): Promise<Result> {
  const findings = createFindings();
  const quarantine = openQuarantine(join(deps.folder, 'quarantine.csv'));
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await quarantine.close();
    closed = true;
  };
  // The session starts while a large file is being read; a small one may well be refused before it needs any.
  const early = file.bytes > earlyBytes ? openSession(deps, 1) : null;
  early?.catch(() => undefined); // told below, by whoever awaits it
  try {
    let preload: Preload | null = null;
    const onGuess = (guess: LoadPlan): void => {
      if (early !== null) preload = beginLoad(early, guess, deps.folder);
    };
    const recipe = options.recipe ?? {};
    const read = await readUpload(deps, file, { quarantine, findings, onGuess, recipe }).catch(
      async (error: unknown) => {
        await closeEarly(early);
        throw error;
      },
    );
    await options.step?.('read');
    const isWide = isVeryWide(read);
    if (isWide) await closeEarly(early);
    const build = await (early === null || isWide ? openSession(deps, isWide ? 2 : 1) : early);
    try {
      const table = await toTable(deps, build, { read, preload }, options, { findings, quarantine });
      await close();
      await options.step?.('typed');
      const plan = toPlan({ file, read, recipe }, table, quarantine, findings);
      if (options.declared && options.acceptsChanges !== true) requireDecided(recipe, table, plan.report);
      return await use(build, plan);
    } finally {
      await build.close();
    }
  } finally {
    await close();
  }
}

type Read =
  { readonly kind: 'table'; readonly source: TableSource } | { readonly kind: 'parquet'; readonly path: string };

const earlyBytes = 8 * 1024 * 1024;

function openSession({ engine, folder, limits }: IngestDeps, share: number): Promise<BuildSession> {
  const { deadlineMs, memoryBytes } = limits;
  return engine.build({ folders: [folder], deadlineMs, memoryBytes: memoryBytes * share });
}

async function closeEarly(early: Promise<BuildSession> | null): Promise<void> {
  if (early === null) return;
  const session = await early.catch(() => null); // it never opened: there is nothing to close
  await session?.close();
}

/** Writers hold buffers for every column of thousands at once. */
function isVeryWide(read: Read): boolean {
  return read.kind === 'table' && read.source.columns.length > 1_000;
}

/** What is wrong with the file: told of it, and set aside of its rows. */
type Faults = { readonly findings: Findings; readonly quarantine: Quarantine };

type Reading = Faults & { readonly onGuess: (guess: LoadPlan) => void; readonly recipe: Recipe };

/** Opens what the upload is, by its content. */
async function readUpload(
  deps: IngestDeps,
  file: IngestFile,
  { quarantine, findings, onGuess, recipe }: Reading,
): Promise<Read> {
  let { path, name } = file;
  let kind = await requireContent(path, name);
  if (kind === 'gzip') {
    const target = join(deps.folder, 'expanded');
    await expandGzip(path, target, deps.limits.expandedBytes);
    path = target;
    name = name.replace(/\.gz$/i, '');
    kind = await requireContent(path, name);
    if (kind === 'gzip') throw new PortalError('unsupported-media-type', say('publish.compressed-twice'));
  }
  if (kind === 'parquet') return { kind: 'parquet', path };
  await guessTable(path, recipe, onGuess);
  const text = await requireUtf8(path, join(deps.folder, 'text'), findings, recipe.encoding);
  const head = await readHead(text.path);
  const regular = join(deps.folder, 'table.csv');
  const source = looksLikeJson(head.subarray(text.start))
    ? await openJson(text, regular, quarantine, findings)
    : await openCsv(text, regular, recipe, { quarantine, findings });
  if (source.columns.length > deps.limits.columns) {
    throw new PortalError(
      'file-unreadable',
      say('publish.too-many-columns', { columns: source.columns.length, limit: deps.limits.columns }),
    );
  }
  return { kind: 'table', source };
}

/** What seems to be CSV in UTF-8 is loaded while every byte and every record of it is looked at. */
async function guessTable(path: string, recipe: Recipe, onGuess: (guess: LoadPlan) => void): Promise<void> {
  const head = await readHead(path);
  const start = bomLength(head);
  if (recipe.encoding !== undefined || isUtf16(head) !== null || looksLikeJson(head.subarray(start))) return;
  const guess = await guessCsv(path, start, recipe);
  if (guess !== null) onGuess(guess);
}

type Table = {
  readonly planned: readonly PlannedColumn[];
  /** Columns of the revision before that have another kind now, or are gone. */
  readonly changed: readonly string[];
  readonly rowsInFile: number;
  readonly rowsPublished: number;
};

async function toTable(
  deps: IngestDeps,
  build: Build,
  { read, preload }: { readonly read: Read; readonly preload: Preload | null },
  options: IngestOptions,
  { findings, quarantine }: Faults,
): Promise<Table> {
  if (read.kind === 'parquet') return await toParquetTable(build, read.path, options, findings, quarantine);
  const { source } = read;
  await loadTable(build, source, deps.folder, preload);
  await options.step?.('loaded');
  const names = toColumnNames(
    source.columns.map(({ title }) => title),
    findings,
  );
  const raws = source.columns.map(({ title, hint }, index) => ({
    raw: toRawName(index),
    name: names[index] as string,
    title,
    hint,
  }));
  const kept = await withoutEmpty(build, raws, findings);
  const feature = kept.find(({ hint }) => hint === 'geojson');
  const toRecord = (index: number) => toRecordNumber(index, source.quarantined);
  const typed = await decideTypes(
    build,
    kept.filter((column) => column !== feature),
    {
      rows: source.rows,
      locale: options.locale ?? 'en-US',
      toRecord,
      recipe: options.recipe ?? {},
      delimiter: source.delimiter,
      declared: options.declared ?? [],
    },
    findings,
  );
  const geometry = feature === undefined ? null : { raw: feature.raw, name: feature.name, crs: source.crs };
  const { planned, faults, changed } = await toPlanned(
    build,
    typed,
    geometry,
    { declared: options.declared ?? null, toRecord },
    findings,
  );
  const late = await setAside(build, faults, { toRecord, locate: source.locate }, quarantine, findings);
  return {
    planned,
    changed,
    rowsInFile: source.rows + source.quarantined.length,
    rowsPublished: source.rows - late,
  };
}

async function toParquetTable(
  build: Build,
  path: string,
  options: IngestOptions,
  findings: Findings,
  quarantine: Quarantine,
): Promise<Table> {
  const table = await loadParquet(build, path, findings);
  const rowsInFile = await countParquetRows(build, path);
  if (table.rows !== rowsInFile)
    throw new PortalError(
      'file-unreadable',
      say('publish.parquet-rows-wrong', { named: rowsInFile, held: table.rows }),
    );
  await options.step?.('loaded');
  const { geometry: found } = table;
  const name =
    found === null
      ? null
      : (toColumnNames([...table.columns.map(({ column }) => column.title), found.title]).at(-1) ?? 'geometry');
  // Read by the same checks as GeoJSON: degrees or a known coordinate system.
  if (found !== null)
    await build.run(`alter table raw alter ${found.raw} type varchar using geo_geojson(${found.raw})`);
  const geometry = found === null || name === null ? null : { raw: found.raw, name, crs: found.crs };
  const toRecord = (index: number): number => index + 1;
  const before = { declared: options.declared ?? null, toRecord };
  const { planned, faults, changed } = await toPlanned(build, table.columns, geometry, before, findings);
  const locate = async (records: readonly number[]) =>
    new Map(records.map((record) => [record, { line: null, raw: '' }]));
  const late = await setAside(build, faults, { toRecord, locate }, quarantine, findings);
  return { planned, changed, rowsInFile, rowsPublished: rowsInFile - late };
}

type RawColumn = Parameters<typeof decideTypes>[1][number];

/** A column without header and without a value is only a trailing delimiter. */
async function withoutEmpty(build: Build, raws: readonly RawColumn[], findings: Findings): Promise<RawColumn[]> {
  const unnamed = raws.filter(({ title }) => title === '');
  if (unnamed.length === 0) return [...raws];
  const row = await readOne(build, `select ${unnamed.map(({ raw }) => `count(${raw}) as ${raw}`).join(', ')} from raw`);
  const empty = new Set(unnamed.filter(({ raw }) => toNumber(row[raw]) === 0).map(({ raw }) => raw));
  if (empty.size === raws.length) empty.delete(raws[0]?.raw ?? '');
  if (empty.size > 0) findings.add('unknown-column', 'note', say('publish.empty-columns', { columns: empty.size }));
  return raws.filter(({ raw }) => !empty.has(raw));
}

type Planned = {
  readonly planned: readonly PlannedColumn[];
  readonly faults: readonly Fault[];
  readonly changed: readonly string[];
};

type FeatureGeometry = { readonly raw: string; readonly name: string; readonly crs: string | null };

async function toPlanned(
  build: Build,
  typed: readonly TypedColumn[],
  feature: FeatureGeometry | null,
  { declared, toRecord }: { readonly declared: Schema | null; readonly toRecord: (index: number) => number },
  findings: Findings,
): Promise<Planned> {
  const said = { columns: typed, faults: typed.flatMap(({ fault }) => fault ?? []), changed: [] };
  const fitted = declared === null ? said : await fitDeclared(build, typed, declared, toRecord, findings);
  const columns = fitted.columns.map(({ column, sql }) => ({ column, sql }));
  if (feature !== null) {
    const located = await readFeatureGeometry(build, feature.raw, feature.name, feature.crs, findings);
    const geometry = located.geometry === null ? [] : [located.geometry];
    const faults = [...fitted.faults, ...located.faults];
    return { planned: [...columns, ...geometry], faults, changed: fitted.changed };
  }
  const taken = new Set(columns.map(({ column }) => column.name));
  const derived = await deriveGeometry(build, typed, taken, findings);
  const { faults, changed } = fitted;
  return { planned: derived === null ? columns : [...columns, derived], faults, changed };
}

type Places = { readonly toRecord: (index: number) => number; readonly locate: TableSource['locate'] };

const faultsAtOnce = 5_000;

/** Moves the faulty rows from `raw` to the quarantine; returns how many. */
async function setAside(
  build: Build,
  faults: readonly Fault[],
  places: Places,
  quarantine: Quarantine,
  findings: Findings,
): Promise<number> {
  if (faults.length === 0) return 0;
  const reason = faults.map(({ predicate }, index) => `when ${predicate} then ${index}`).join(' ');
  const value = faults
    .map(({ predicate, value: sql }) => `when ${predicate} then left((${sql})::varchar, 200)`)
    .join(' ');
  const isFaulty = faults.map(({ predicate }) => `(${predicate})`).join(' or ');
  await build.run(
    `create table faulty as select rowid as place, case ${reason} end as fault, case ${value} end as value ` +
      `from raw where ${isFaulty}`,
  );
  const total = toNumber((await readOne(build, 'select count(*) as rows from faulty'))['rows']);
  for (let offset = 0; offset < total; offset += faultsAtOnce) {
    const rows = await build.run(
      `select place, fault, value from faulty order by place limit ${faultsAtOnce} offset ${offset}`,
    );
    const found = await places.locate(rows.map(({ place }) => places.toRecord(toNumber(place))));
    for (const row of rows) {
      const record = places.toRecord(toNumber(row['place']));
      const fault = faults[toNumber(row['fault'])] as Fault;
      const sentence = fault.reason(toText(row['value']) ?? '');
      const stands = found.get(record) ?? { line: null, raw: '' };
      quarantine.add({ row: record, line: stands.line, code: fault.code, reason: sentence, raw: stands.raw });
      findings.add(fault.code, 'error', sentence, { row: record, line: stands.line });
    }
    await quarantine.drain();
  }
  if (total > 0) {
    await build.run('create table kept as select * from raw where rowid not in (select place from faulty)');
    await build.run('drop table raw');
    await build.run('alter table kept rename to raw');
  }
  return total;
}

/** `rowsInFile = rowsPublished + rowsQuarantined`, or nothing is published. */
/** Throws changes-need-decision where the file changes more than the publisher lets pass. */
function requireDecided(recipe: Recipe, { changed }: Table, report: IngestReport): void {
  const { mostChanges: most = Infinity, mostQuarantined = Infinity } = recipe;
  const names = changed.slice(0, 20).join(', ');
  if (changed.length > most) {
    const detail = say('publish.too-many-changes', { changes: changed.length, most, names });
    throw new PortalError('changes-need-decision', { detail, extra: { columns: changed.slice(0, 100) } });
  }
  if (report.rowsQuarantined > mostQuarantined) {
    const detail = say('publish.too-many-quarantined', { rows: report.rowsQuarantined, most: mostQuarantined });
    throw new PortalError('changes-need-decision', { detail, extra: { rowsQuarantined: report.rowsQuarantined } });
  }
}

type Given = { readonly file: IngestFile; readonly read: Read; readonly recipe: Recipe };

function toPlan({ file, read, recipe }: Given, table: Table, quarantine: Quarantine, findings: Findings): Plan {
  const quarantined = quarantine.count();
  if (table.rowsInFile !== table.rowsPublished + quarantined) {
    throw new PortalError('internal-error', {
      detail: `The file has ${table.rowsInFile} rows, but ${table.rowsPublished} published and ${quarantined} quarantined rows do not add up to it.`,
    });
  }
  const source = read.kind === 'table' ? read.source : null;
  if (table.rowsPublished === 0 && quarantined > 0) {
    const first = findings.list().find(({ severity }) => severity === 'error');
    const finding = first?.said === undefined ? '' : { ...first.said, english: first.sentence };
    throw new PortalError('file-unreadable', say('publish.no-row-read', { rows: quarantined, finding }));
  }
  return {
    planned: table.planned,
    columns: table.planned.map(({ column }) => column),
    quarantine: quarantined === 0 ? null : { path: quarantine.path, rows: quarantined },
    report: {
      fileName: file.name,
      fileBytes: file.bytes,
      fileSha256: file.sha256,
      format: source?.format ?? 'parquet',
      encoding: source?.encoding ?? null,
      delimiter: source?.delimiter ?? null,
      rowsInFile: table.rowsInFile,
      rowsPublished: table.rowsPublished,
      rowsQuarantined: quarantined,
      findings: findings.list(),
      findingsTotal: findings.total(),
      ...(Object.keys(recipe).length === 0 ? {} : { recipe }),
    },
  };
}
