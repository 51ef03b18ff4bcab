// Database rows to the catalogue's plain, frozen objects; a dataset's line in a list, and the formats it can be had in.
// The only place that takes a JSON column's word for its type: release.ts and metadata.ts checked it on the way in.

import type { departments, datasets, revisions } from '../db/tables.ts';
import type { Column } from '../query/column.ts';
import type { Contact, Dataset, DatasetMetadata, Department, Revision } from './dataset.ts';
import type { MatchReason, SearchHit } from './search-types.ts';

type DepartmentRow = typeof departments.$inferSelect;
type DatasetRow = typeof datasets.$inferSelect;
export type RevisionRow = typeof revisions.$inferSelect;

export function toDepartment(row: DepartmentRow, datasetCount: number): Department {
  return freeze({
    id: row.id,
    name: row.name,
    description: row.description,
    contact: row.contact as Contact | null,
    datasets: datasetCount,
  });
}

export function toRevision(row: RevisionRow): Revision {
  return freeze({
    id: row.sha256,
    number: row.number,
    publishedAt: row.publishedAt,
    publishedBy: row.publishedBy,
    note: row.note,
    rows: row.rows,
    columns: row.columns as readonly Column[],
    parquet: { sha256: row.sha256, bytes: row.parquetBytes },
    serving: row.serving as Revision['serving'],
    source: row.source as Revision['source'],
    quarantine: row.quarantine as Revision['quarantine'],
    downloads: row.downloads as Revision['downloads'],
    profile: row.profile as Revision['profile'],
    report: row.report as Revision['report'],
  });
}

export function toDataset(row: DatasetRow, department: Department, current: Revision): Dataset {
  return freeze({
    id: row.id,
    code: row.code,
    department,
    metadata: row.metadata as DatasetMetadata,
    hasGeometry: hasGeometry(current.columns),
    createdAt: row.createdAt,
    metadataChangedAt: row.metadataChangedAt,
    current,
  });
}

export function hasGeometry(columns: readonly Column[]): boolean {
  return columns.some((column) => column.type.kind === 'geometry');
}

export function toFormats(geometry: boolean): readonly string[] {
  return ['csv', 'json', ...(geometry ? ['geojson'] : []), 'ndjson', 'parquet'];
}

/** A dataset as a search finds it, and why; a list of all has no reasons. */
export function toHit(dataset: Dataset, reasons: readonly MatchReason[]): SearchHit {
  const { metadata, department, current } = dataset;
  return {
    id: dataset.id,
    code: dataset.code,
    title: metadata.title,
    description: metadata.description,
    department: { id: department.id, name: department.name },
    theme: metadata.theme,
    keywords: metadata.keywords,
    licence: metadata.licence?.name ?? null,
    cadence: metadata.cadence,
    dataUpdatedAt: current.publishedAt,
    rows: current.rows,
    formats: toFormats(dataset.hasGeometry),
    hasGeometry: dataset.hasGeometry,
    notice: metadata.notice,
    reasons,
  };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
