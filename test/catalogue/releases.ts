// Releases that tests of the catalogue make: small, whole, with the files only named.
// It must not stand in for the publisher: tests of publishing use the publisher.

import { createHash } from 'node:crypto';
import type { Actor } from '../../src/base/actor.ts';
import type { DatasetMetadata } from '../../src/catalogue/dataset.ts';
import { type MetadataInput, parseMetadata } from '../../src/catalogue/metadata.ts';
import type { NewRevision, ReleaseInput } from '../../src/catalogue/release.ts';
import type { Column, ColumnType } from '../../src/query/column.ts';

export const machine: Actor = { kind: 'machine', name: 'test machine' };

export function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function makeColumn(name: string, kind: 'text' | 'integer' | 'geometry' = 'text', title = name): Column {
  const type: ColumnType = kind === 'geometry' ? { kind, shape: 'Point' } : { kind };
  return { name, title, description: null, type, unit: null, meaning: null, sourceFormat: null, derivedFrom: null };
}

export function makeMetadata(given: MetadataInput): DatasetMetadata {
  return parseMetadata(given);
}

/** A revision whose content is `content`: equal content, equal revision id. */
export function makeRevision(content: string, columns: readonly Column[] = [makeColumn('id')], rows = 3): NewRevision {
  const file = { fileName: `${content.slice(0, 20)}.csv`, fileBytes: 30, fileSha256: sha(`file ${content}`) };
  const counts = { rowsInFile: rows, rowsPublished: rows, rowsQuarantined: 0 };
  return {
    note: null,
    rows,
    columns,
    parquet: { sha256: sha(content), bytes: 100 },
    serving: null,
    source: { sha256: sha(`file ${content}`), bytes: 30, name: 'file.csv' },
    quarantine: null,
    downloads: [],
    profile: [],
    report: { ...file, ...counts, format: 'csv', encoding: 'utf-8', delimiter: ',', findings: [], findingsTotal: 0 },
  };
}

export function makeRelease(
  id: string,
  content: string,
  given: Partial<MetadataInput> & { department?: string; columns?: readonly Column[]; rows?: number } = {},
): ReleaseInput {
  const { department = 'it', columns, rows, ...metadata } = given;
  return {
    id,
    department: { id: department, name: department.toUpperCase() },
    metadata: makeMetadata({ title: id, ...metadata }),
    revision: makeRevision(content, columns, rows),
  };
}
