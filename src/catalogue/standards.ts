// A dataset as schema.org JSON-LD, as CSVW metadata and as a Frictionless Data Package.
// What the publisher left out is left out here too; nothing is invented.

import type { Column, ColumnType } from '../query/column.ts';
import type { Dataset } from './dataset.ts';
import { fullDescription, pageUrl, toDistributions, withoutEmpty, type Site } from './distributions.ts';

/** schema.org `Dataset`, as search engines read it in the page. */
export function toSchemaOrg(dataset: Dataset, site: Site): Record<string, unknown> {
  const { metadata, current } = dataset;
  const spatial = metadata.spatial ?? site.openData.spatial;
  const place = withoutEmpty({
    '@type': 'Place',
    name: spatial,
    geo:
      metadata.bbox === null
        ? null
        : {
            '@type': 'GeoShape',
            // south west north east
            box: `${metadata.bbox[1]} ${metadata.bbox[0]} ${metadata.bbox[3]} ${metadata.bbox[2]}`,
          },
  });
  const temporal = metadata.temporal;
  const organization = {
    '@type': 'GovernmentOrganization',
    name: dataset.department.name,
    parentOrganization: { '@type': 'GovernmentOrganization', name: site.cityName },
  };
  return withoutEmpty({
    '@context': 'https://schema.org/',
    '@type': 'Dataset',
    '@id': pageUrl(dataset, site),
    name: metadata.title,
    description: fullDescription(dataset),
    url: pageUrl(dataset, site),
    identifier: [dataset.id, dataset.code],
    keywords: metadata.keywords,
    license: metadata.licence?.url ?? metadata.licence?.name ?? null,
    usageInfo: metadata.rights,
    creator: organization,
    publisher: organization,
    includedInDataCatalog: { '@type': 'DataCatalog', name: `${site.cityName}: open data`, url: site.publicUrl },
    distribution: toDistributions(dataset, site).map((each) =>
      withoutEmpty({
        '@type': 'DataDownload',
        encodingFormat: each.mediaType,
        contentUrl: each.url,
        contentSize: each.bytes === null ? null : `${each.bytes} B`,
        sha256: each.sha256,
      }),
    ),
    temporalCoverage: temporal === null || temporal.start === null ? null : `${temporal.start}/${temporal.end ?? '..'}`,
    spatialCoverage: metadata.bbox === null && spatial === null ? null : place,
    datePublished: dataset.createdAt,
    dateModified: current.publishedAt,
    version: String(current.number),
    inLanguage: metadata.language,
    isAccessibleForFree: true,
    measurementTechnique: metadata.methodology,
    isBasedOn: metadata.sourceUrl,
    variableMeasured: current.columns.map((column) =>
      withoutEmpty({
        '@type': 'PropertyValue',
        name: column.name,
        alternateName: column.title === column.name ? null : column.title,
        description: column.description,
        unitText: column.unit,
      }),
    ),
  });
}

function toCsvwDatatype(type: ColumnType): string {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'boolean':
    case 'date':
    case 'time':
    case 'json':
      return type.kind;
    case 'number':
      return 'double';
    case 'timestamp':
      return 'dateTime';
    case 'instant':
      return 'dateTimeStamp';
    case 'text':
    case 'geometry': // WKT
      return 'string';
  }
}

/** CSVW metadata of the CSV download (`application/csvm+json`); `url` is the CSV's own address. */
export function toCsvw(dataset: Dataset, site: Site): Record<string, unknown> {
  return withoutEmpty({
    '@context': ['http://www.w3.org/ns/csvw', { '@language': dataset.metadata.language ?? 'und' }],
    url: `${pageUrl(dataset, site)}/download.csv`,
    'dc:title': dataset.metadata.title,
    'dc:description': fullDescription(dataset),
    'dc:publisher': dataset.department.name,
    'dc:modified': dataset.current.publishedAt,
    'dc:license': dataset.metadata.licence?.url ?? dataset.metadata.licence?.name ?? null,
    dialect: { delimiter: ',', header: true, encoding: 'utf-8', doubleQuote: true },
    tableSchema: {
      columns: dataset.current.columns.map((column) =>
        withoutEmpty({
          name: column.name,
          titles: column.name, // the header of the CSV is the column's API name
          'dc:title': column.title,
          'dc:description': column.description,
          datatype: toCsvwDatatype(column.type),
        }),
      ),
    },
  });
}

function toFrictionlessField(column: Column): Record<string, unknown> {
  const types: Record<ColumnType['kind'], { type: string; format?: string }> = {
    text: { type: 'string' },
    integer: { type: 'integer' },
    number: { type: 'number' },
    decimal: { type: 'number' },
    boolean: { type: 'boolean' },
    date: { type: 'date' },
    time: { type: 'time' },
    timestamp: { type: 'datetime', format: 'any' }, // no zone, so the default format does not hold
    instant: { type: 'datetime' },
    json: { type: 'any' },
    geometry: { type: 'string' }, // WKT in the CSV
  };
  return withoutEmpty({
    name: column.name,
    ...types[column.type.kind],
    title: column.title,
    description: column.description,
  });
}

/** `datapackage.json` (Frictionless Data Package 2.0) with the CSV as its one resource. */
export function toDataPackage(dataset: Dataset, site: Site): Record<string, unknown> {
  const csv = toDistributions(dataset, site).find((each) => each.format === 'csv')!;
  const { metadata } = dataset;
  return withoutEmpty({
    $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
    name: dataset.id,
    id: pageUrl(dataset, site),
    title: metadata.title,
    description: fullDescription(dataset),
    version: String(dataset.current.number),
    created: dataset.createdAt,
    homepage: pageUrl(dataset, site),
    keywords: metadata.keywords,
    licenses:
      metadata.licence === null
        ? null
        : [withoutEmpty({ name: metadata.licence.id, title: metadata.licence.name, path: metadata.licence.url })],
    contributors: [{ title: dataset.department.name, roles: ['publisher'] }],
    sources:
      metadata.source === null && metadata.sourceUrl === null
        ? null
        : [withoutEmpty({ title: metadata.source, path: metadata.sourceUrl })],
    resources: [
      withoutEmpty({
        name: dataset.id,
        type: 'table',
        path: csv.url,
        format: 'csv',
        mediatype: 'text/csv',
        encoding: 'utf-8',
        bytes: csv.bytes,
        hash: csv.sha256 === null ? null : `sha256:${csv.sha256}`,
        schema: { fields: dataset.current.columns.map(toFrictionlessField), missingValues: [''] },
      }),
    ],
  });
}
