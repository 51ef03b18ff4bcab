// Proves over every row that a column is of a shape, or counts how many of its values are not: one pass for many
// columns. It must not guess: a shape it calls proven fits every value that the column has.

import { toBatches, toNumber, toText, readOne, type Build } from './build.ts';
import { isMarker, type Shape } from './shapes.ts';

export type Candidate = {
  /** The column's name in `raw`. */
  readonly raw: string;
  readonly shape: Shape;
  /** Count null markers, which are no values of the shape. */
  readonly withMarkers: boolean;
  /** The column had this form in the revision before: what it settled then is not asked again. */
  readonly isKept?: boolean;
};

export type Proof = {
  /** Values that are not NULL. */
  readonly given: number;
  /** Of these: of the shape, null markers, of the rival's shape. */
  readonly fitting: number;
  readonly markers: number;
  readonly rival: number;
  /** Of the fitting: with blanks around. */
  readonly spaced: number;
  /** Of the fitting: the text that CSV gives back is another one, and not for the blanks. */
  readonly rewritten: number;
};

export function isProven(proof: Proof): boolean {
  return proof.fitting + proof.markers === proof.given;
}

const columnsAtOnce = 150;

/** One pass over `raw` for every 150 candidates. */
export async function proveShapes(build: Build, candidates: readonly Candidate[]): Promise<readonly Proof[]> {
  const proofs: Proof[] = [];
  for (const batch of toBatches(candidates, columnsAtOnce)) {
    const row = await readOne(build, `select ${batch.map(toCounts).join(', ')} from raw`);
    for (const index of batch.keys()) {
      const read = (key: string) => toNumber(row[`${key}${index}`]);
      proofs.push({
        given: read('n'),
        fitting: read('f'),
        markers: read('m'),
        rival: read('r'),
        spaced: read('s'),
        rewritten: batch[index]?.shape.printed === null ? 0 : read('f') - read('s') - read('e'),
      });
    }
  }
  return proofs;
}

function toCounts({ raw: c, shape, withMarkers }: Candidate, index: number): string {
  return [
    `count(${c}) as n${index}`,
    `count_if(${shape.proof(c)}) as f${index}`,
    withMarkers ? `count_if(${isMarker(c)}) as m${index}` : `0 as m${index}`,
    shape.rival === null ? `0 as r${index}` : `count_if(${shape.rival(c)}) as r${index}`,
    shape.printed === null ? `0 as e${index}` : `count_if(${shape.printed(c)} = ${c}) as e${index}`,
    shape.trims ? `count_if(${isSpaced(c)}) as s${index}` : `0 as s${index}`,
  ].join(', ');
}

/** SQL, true when blanks stand around something. */
function isSpaced(c: string): string {
  return `case when starts_with(${c}, ' ') or ends_with(${c}, ' ') then trim(${c}) <> '' else false end`;
}

/** SQL of the typed value: markers are NULL where the column has any. */
export function toValue(candidate: Candidate): string {
  const { raw, shape, withMarkers } = candidate;
  return withMarkers ? `case when ${isMarker(raw)} then null else ${shape.convert(raw)} end` : shape.convert(raw);
}

/** A value whose text CSV does not give back, and what it gives in its place. */
export async function firstRewritten(build: Build, { raw: c, shape }: Candidate): Promise<readonly [string, string]> {
  const print = shape.printed?.(`trim(${c})`) ?? c;
  const row = await readOne(
    build,
    `select first(${c}) as written, first(${print}) as printed from raw ` +
      `where ${c} is not null and not (${isMarker(c)}) and ${print} is distinct from trim(${c})`,
  );
  return [toText(row['written']) ?? '', toText(row['printed']) ?? ''];
}

/** SQL, true for a value that is neither of the shape nor a marker. */
export function toMisfit({ raw: c, shape }: Candidate): string {
  return `${c} is not null and not ${isMarker(c)} and not coalesce(${shape.proof(c)}, false)`;
}

/** The first row, 0-based, whose value is neither of the shape nor a marker. */
export async function firstMisfit(build: Build, candidate: Candidate): Promise<number | null> {
  const { at } = await readOne(build, `select min(rowid) as at from raw where ${toMisfit(candidate)}`);
  return at === null || at === undefined ? null : toNumber(at);
}
