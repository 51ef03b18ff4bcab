// Socrata's descriptions of a dataset: the view document, the flat metadata document, a result of the discovery API.
// It must not invent: what the publisher did not say, or the portal does not count, is left out or null.

import type { ColumnProfile, Dataset } from '../../catalogue/dataset.ts';
import type { Column, ColumnType } from '../../query/column.ts';
import { toTypeName } from './formats.ts';

type Document = Readonly<Record<string, unknown>>;

/** Views are older than SODA 2.1, and have other names for what it calls timestamps. */
const viewNames: Readonly<Record<string, string>> = { floating_timestamp: 'calendar_date', fixed_timestamp: 'date' };

function viewType(type: ColumnType): string {
  const name = toTypeName(type);
  return viewNames[name] ?? name;
}

/** The names of types in the discovery API. */
function discoveryType(type: ColumnType): string {
  const words: Readonly<Record<string, string>> = { calendar_date: 'Calendar date', date: 'Fixed timestamp' };
  const name = viewType(type);
  return words[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function toSeconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

function changedAt(dataset: Dataset): string {
  const { metadataChangedAt, current } = dataset;
  return metadataChangedAt > current.publishedAt ? metadataChangedAt : current.publishedAt;
}

/** `/api/views/{id}.json` */
export function toView(dataset: Dataset): Document {
  const { metadata, department, current } = dataset;
  const owner = { id: department.id, displayName: department.name, screenName: department.name, type: 'interactive' };
  return {
    id: dataset.code,
    name: metadata.title,
    description: metadata.description ?? '',
    category: metadata.theme,
    attribution: metadata.source ?? department.name,
    attributionLink: metadata.sourceUrl,
    assetType: 'dataset',
    viewType: 'tabular',
    displayType: 'table',
    ...(metadata.notice === null ? { provenance: 'official' } : {}),
    publicationDate: toSeconds(current.publishedAt),
    createdAt: toSeconds(dataset.createdAt),
    rowsUpdatedAt: toSeconds(current.publishedAt),
    viewLastModified: toSeconds(changedAt(dataset)),
    tags: metadata.keywords,
    ...(metadata.licence === null
      ? {}
      : {
          licenseId: metadata.licence.id ?? undefined,
          license: { name: metadata.licence.name, termsLink: metadata.licence.url ?? undefined },
        }),
    rights: ['read'],
    owner,
    tableAuthor: owner,
    metadata: { custom_fields: toCustomFields(dataset), attachments: [] },
    columns: current.columns.map((column, index) => toViewColumn(dataset, column, index)),
  };
}

/** What Socrata has no field for, by the portal's own names. */
function toCustomFields(dataset: Dataset): Document {
  const { metadata, department, current } = dataset;
  const given = {
    Id: dataset.id,
    Department: department.name,
    Notice: metadata.notice,
    Cadence: metadata.cadence,
    'Row meaning': metadata.rowMeaning,
    Limitations: metadata.limitations,
    Revision: current.id,
  };
  return { Portal: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) };
}

function toViewColumn(dataset: Dataset, column: Column, index: number): Document {
  const type = viewType(column.type);
  const profile = dataset.current.profile.find((candidate) => candidate.name === column.name);
  return {
    id: index + 1,
    name: column.title,
    fieldName: column.name,
    dataTypeName: type,
    renderTypeName: type,
    position: index + 1,
    ...(column.description === null ? {} : { description: column.description }),
    format: {},
    ...(profile === undefined ? {} : { cachedContents: toCachedContents(profile, dataset.current.rows) }),
  };
}

function toCachedContents(profile: ColumnProfile, rows: number): Document {
  return {
    count: String(rows),
    non_null: String(rows - profile.nulls),
    null: String(profile.nulls),
    ...(profile.distinct === null ? {} : { cardinality: String(profile.distinct) }),
    ...(profile.min === null ? {} : { smallest: profile.min }),
    ...(profile.max === null ? {} : { largest: profile.max }),
    ...(profile.top === null
      ? {}
      : { top: profile.top.map(({ value, count }) => ({ item: value, count: String(count) })) }),
  };
}

/** `2014-10-13T00:00:00+0000` */
function toZonedText(instant: string): string {
  return instant.replace(/(?:\.\d+)?Z$/, '+0000');
}

/** `/api/views/metadata/v1/{id}` */
export function toFlatMetadata(dataset: Dataset, publicUrl: string): Document {
  const { metadata, department } = dataset;
  return {
    id: dataset.code,
    name: metadata.title,
    attribution: metadata.source ?? department.name,
    attributionLink: metadata.sourceUrl,
    category: metadata.theme,
    createdAt: toZonedText(dataset.createdAt),
    dataUpdatedAt: toZonedText(dataset.current.publishedAt),
    dataUri: `${publicUrl}/resource/${dataset.code}`,
    description: metadata.description,
    domain: new URL(publicUrl).host,
    externalId: dataset.id,
    hideFromCatalog: false,
    hideFromDataJson: false,
    license: metadata.licence?.name ?? null,
    metadataUpdatedAt: toZonedText(dataset.metadataChangedAt),
    provenance: metadata.notice === null ? 'OFFICIAL' : null,
    updatedAt: toZonedText(changedAt(dataset)),
    webUri: `${publicUrl}/datasets/${dataset.id}`,
    approvals: [],
    customFields: toCustomFields(dataset),
    tags: metadata.keywords,
  };
}

/** One of the `results` of `/api/catalog/v1`. */
export function toDiscoveryResult(dataset: Dataset, publicUrl: string): Document {
  const { metadata, department, current } = dataset;
  const { columns } = current;
  const owner = { id: department.id, user_type: 'interactive', display_name: department.name };
  return {
    resource: {
      name: metadata.title,
      id: dataset.code,
      resource_name: dataset.id,
      parent_fxf: [],
      description: metadata.description ?? '',
      attribution: metadata.source ?? department.name,
      attribution_link: metadata.sourceUrl,
      contact_email: metadata.contact?.email ?? department.contact?.email ?? null,
      type: 'dataset',
      updatedAt: changedAt(dataset),
      createdAt: dataset.createdAt,
      metadata_updated_at: dataset.metadataChangedAt,
      data_updated_at: current.publishedAt,
      publication_date: current.publishedAt,
      columns_name: columns.map((column) => column.title),
      columns_field_name: columns.map((column) => column.name),
      columns_datatype: columns.map((column) => discoveryType(column.type)),
      columns_description: columns.map((column) => column.description ?? ''),
      columns_format: columns.map(() => ({})),
      provenance: metadata.notice === null ? 'official' : null,
      lens_view_type: 'tabular',
      lens_display_type: 'table',
      locked: false,
      blob_mime_type: null,
      hide_from_data_json: false,
    },
    classification: {
      categories: [],
      tags: [],
      domain_category: metadata.theme,
      domain_tags: metadata.keywords,
      domain_metadata: [],
    },
    metadata: { domain: new URL(publicUrl).host, license: metadata.licence?.name ?? null },
    permalink: `${publicUrl}/d/${dataset.code}`,
    link: `${publicUrl}/datasets/${dataset.id}`,
    owner,
    creator: owner,
  };
}
