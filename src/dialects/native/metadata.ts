// The catalogue in the native API's words: datasets, summaries, revisions and departments with the links between them.
// It must add nothing that the catalogue does not say: null is "not specified".

import type { Dataset, Department, IngestReport, Revision } from '../../catalogue/dataset.ts';
import { toHit } from '../../catalogue/rows.ts';
import type { SearchHit } from '../../catalogue/search-types.ts';
import { formatsOf, toDownloadLinks } from '../../serve/read/downloads.ts';

export function toDatasetDocument(publicUrl: string, dataset: Dataset) {
  const { department, current } = dataset;
  return {
    id: dataset.id,
    code: dataset.code,
    title: dataset.metadata.title,
    department: { id: department.id, name: department.name, contact: department.contact },
    metadata: dataset.metadata,
    hasGeometry: dataset.hasGeometry,
    createdAt: dataset.createdAt,
    metadataChangedAt: dataset.metadataChangedAt,
    revision: toRevisionDocument(publicUrl, dataset.id, current),
    columns: current.columns,
    downloads: toDownloadLinks(publicUrl, dataset, null),
    links: toDatasetLinks(publicUrl, dataset),
  };
}

function toDatasetLinks(publicUrl: string, dataset: Dataset) {
  const self = `${publicUrl}/api/v1/datasets/${dataset.id}`;
  return {
    self,
    page: `${publicUrl}/datasets/${dataset.id}`,
    rows: `${self}/rows`,
    query: `${self}/query`,
    count: `${self}/count`,
    revisions: `${self}/revisions`,
    downloads: `${self}/downloads`,
    export: `${self}/export.csv`,
    soda: `${publicUrl}/resource/${dataset.code}.json`,
    jsonld: `${publicUrl}/datasets/${dataset.id}.jsonld`,
  };
}

export type RevisionLike = Omit<Revision, 'columns' | 'profile' | 'downloads' | 'report'> &
  Partial<Pick<Revision, 'report'>>;

export function toRevisionDocument(publicUrl: string, datasetId: string, revision: RevisionLike) {
  const self = `${publicUrl}/api/v1/datasets/${datasetId}/revisions/${revision.number}`;
  const { id, number, publishedAt, publishedBy, note, rows, parquet, source, quarantine } = revision;
  return {
    id,
    number,
    publishedAt,
    publishedBy,
    note,
    rows,
    rowsInFile: revision.report?.rowsInFile ?? rows + (quarantine?.rows ?? 0),
    rowsQuarantined: quarantine?.rows ?? 0,
    parquet: { sha256: parquet.sha256, bytes: parquet.bytes },
    source: source === null ? null : { sha256: source.sha256, bytes: source.bytes, name: source.name },
    links: {
      self,
      rows: `${publicUrl}/api/v1/datasets/${datasetId}/rows?as_of=${number}`,
      quarantine: quarantine === null ? null : `${self}/quarantine.csv`,
    },
  };
}

/** The report as the API gives it: sentences in English, without the keys that pages say them by. */
export function toReportDocument({ findings, ...report }: IngestReport): IngestReport {
  return { ...report, findings: findings.map(({ said: _said, ...finding }) => finding) };
}

export function toSummary(publicUrl: string, dataset: Dataset) {
  return withLinks(publicUrl, { ...toHit(dataset, []), formats: formatsOf(dataset.current) });
}

export function withLinks(publicUrl: string, hit: SearchHit) {
  const self = `${publicUrl}/api/v1/datasets/${hit.id}`;
  return { ...hit, links: { self, page: `${publicUrl}/datasets/${hit.id}`, rows: `${self}/rows` } };
}

export function toDepartmentDocument(publicUrl: string, department: Department) {
  const { id, name, description, contact, datasets } = department;
  const links = { self: `${publicUrl}/api/v1/departments/${id}`, page: `${publicUrl}/departments/${id}` };
  return { id, name, description, contact, datasets, links };
}
