// The shapes of the native API's answers: what the OpenAPI description shows and what tests hold answers to.
// It must hold no logic; metadata.ts makes the values.

import { Type } from 'typebox';

import { cadences } from '../../catalogue/dataset.ts';
import type { Recipe } from '../../catalogue/recipe.ts';
import { exact, nullable } from '../../base/schemas.ts';

const text = Type.String();
const optionalText = nullable(Type.String());
const instant = Type.String({ format: 'date-time' });

const contactSchema = exact({ name: optionalText, email: optionalText, phone: optionalText, url: optionalText });

const departmentSchema = exact(
  {
    id: text,
    name: text,
    description: optionalText,
    contact: nullable(contactSchema),
    datasets: Type.Integer(),
    links: exact({ self: text, page: text }),
  },
  { $id: 'Department' },
);

const columnSchema = exact(
  {
    name: Type.String({ description: 'The name to use in queries; it never changes.' }),
    title: Type.String({ description: 'The header as the publisher wrote it.' }),
    description: optionalText,
    type: exact(
      {
        kind: text,
        precision: Type.Optional(Type.Integer({ description: 'Of a decimal: its digits.' })),
        scale: Type.Optional(Type.Integer({ description: 'Of a decimal: its digits after the point.' })),
        shape: Type.Optional(Type.String({ description: 'Of a geometry: Point, Polygon …; `Geometry` when mixed.' })),
      },
      { description: 'text, integer, number, decimal, boolean, date, time, timestamp, instant, json or geometry.' },
    ),
    unit: optionalText,
    meaning: optionalText,
    sourceFormat: optionalText,
    derivedFrom: nullable(Type.Array(text)),
  },
  { $id: 'Column' },
);

const bbox = Type.Array(Type.Number(), { minItems: 4, maxItems: 4, description: 'West, south, east, north.' });

const metadataSchema = exact(
  {
    title: text,
    description: optionalText,
    keywords: Type.Array(text),
    theme: optionalText,
    licence: nullable(exact({ id: optionalText, name: text, url: optionalText })),
    rights: optionalText,
    accessLevel: Type.Literal('public'),
    cadence: nullable(Type.String({ enum: [...cadences] })),
    contact: nullable(contactSchema),
    temporal: nullable(exact({ start: optionalText, end: optionalText })),
    spatial: optionalText,
    bbox: nullable(bbox),
    language: optionalText,
    landingPage: optionalText,
    source: optionalText,
    sourceUrl: optionalText,
    conformsTo: optionalText,
    purpose: optionalText,
    methodology: optionalText,
    rowMeaning: optionalText,
    limitations: optionalText,
    notice: optionalText,
  },
  { $id: 'Metadata', description: 'What the publisher says of the dataset; null is "not specified".' },
);

const revisionSchema = exact(
  {
    id: text,
    number: Type.Integer(),
    publishedAt: instant,
    publishedBy: text,
    note: optionalText,
    rows: Type.Integer(),
    rowsInFile: nullable(Type.Integer({ description: 'Always rows published + rows quarantined.' })),
    rowsQuarantined: Type.Integer(),
    parquet: exact({ sha256: text, bytes: Type.Integer() }),
    source: nullable(exact({ sha256: text, bytes: Type.Integer(), name: text })),
    links: exact({ self: text, rows: text, quarantine: optionalText }),
  },
  { $id: 'Revision' },
);

const downloadSchema = exact(
  {
    format: text,
    label: text,
    url: text,
    bytes: nullable(Type.Integer({ description: 'Null when the file is made as it is sent.' })),
    sha256: optionalText,
  },
  { $id: 'Download' },
);

const datasetLinksSchema = exact({
  self: text,
  page: text,
  rows: text,
  query: text,
  count: text,
  revisions: text,
  downloads: text,
  export: text,
  soda: text,
  jsonld: text,
});

const datasetSchema = exact(
  {
    id: text,
    code: Type.String({ description: 'The short permanent code, xxxx-xxxx.' }),
    title: text,
    department: exact({ id: text, name: text, contact: nullable(contactSchema) }),
    metadata: Type.Ref('Metadata'),
    hasGeometry: Type.Boolean(),
    createdAt: instant,
    metadataChangedAt: instant,
    revision: Type.Ref('Revision'),
    columns: Type.Array(Type.Ref('Column')),
    downloads: Type.Array(Type.Ref('Download')),
    links: datasetLinksSchema,
  },
  { $id: 'Dataset' },
);

const hitSchema = exact(
  {
    id: text,
    code: text,
    title: text,
    description: optionalText,
    department: exact({ id: text, name: text }),
    theme: optionalText,
    keywords: Type.Array(text),
    licence: optionalText,
    cadence: optionalText,
    dataUpdatedAt: instant,
    rows: Type.Integer(),
    formats: Type.Array(text),
    hasGeometry: Type.Boolean(),
    notice: optionalText,
    reasons: Type.Array(exact({ field: text, text, how: text }), { description: 'Why it was found.' }),
    links: exact({ self: text, page: text, rows: text }),
  },
  { $id: 'DatasetSummary' },
);

const facetValue = exact({ value: text, label: text, count: Type.Integer(), selected: Type.Boolean() });

const searchSchema = exact(
  {
    data: Type.Array(Type.Ref('DatasetSummary')),
    total: Type.Integer(),
    facets: exact({
      department: Type.Array(facetValue),
      theme: Type.Array(facetValue),
      format: Type.Array(facetValue),
      licence: Type.Array(facetValue),
      cadence: Type.Array(facetValue),
      map: Type.Array(facetValue),
    }),
    didYouMean: optionalText,
    match: Type.String({
      enum: ['all', 'similar', 'some'],
      description: 'Whether the datasets hold all words, words spelled like them, or only some of them.',
    }),
    next: optionalText,
    links: exact({ self: text, next: optionalText }),
  },
  { $id: 'SearchAnswer' },
);

const datasetListSchema = exact(
  {
    data: Type.Array(Type.Ref('DatasetSummary')),
    total: Type.Integer(),
    next: nullable(Type.String({ description: 'Cursor of the next page; give it as `after`.' })),
    links: exact({ self: text, next: optionalText }),
  },
  { $id: 'DatasetList' },
);

const rowSchema = Type.Record(Type.String(), Type.Unknown(), {
  $id: 'Row',
  description: 'One row; its members are the selected columns.',
});

export const rowsSchema = exact(
  {
    data: Type.Array(Type.Ref('Row')),
    next: nullable(Type.String({ description: 'Cursor of the next page; give it as `after`.' })),
    truncated: Type.Boolean({
      description: 'True when a budget ended the page before its limit; `next` goes on from there.',
    }),
    links: exact({ self: text, next: optionalText }),
    revision: text,
    query: Type.String({ description: 'The query as the portal understood it, in English.' }),
  },
  { $id: 'RowsAnswer' },
);

const countSchema = exact({ count: Type.Integer(), revision: text, query: text }, { $id: 'CountAnswer' });

const statisticsSchema = exact(
  {
    statistics: exact({
      column: text,
      rows: Type.Integer(),
      nulls: Type.Integer(),
      distinct: nullable(Type.Integer()),
      min: optionalText,
      max: optionalText,
      mean: nullable(Type.Number()),
      median: nullable(Type.Number()),
      top: Type.Array(exact({ value: text, count: Type.Integer() })),
      histogram: nullable(exact({ edges: Type.Array(text), counts: Type.Array(Type.Integer()) })),
    }),
    revision: text,
    query: text,
  },
  { $id: 'Statistics' },
);

const findingSchema = exact({
  code: text,
  severity: Type.String({ enum: ['error', 'warning', 'note'] }),
  sentence: text,
  row: nullable(Type.Integer()),
  line: nullable(Type.Integer()),
  column: optionalText,
});

const reportSchema = exact(
  {
    fileName: text,
    fileBytes: Type.Integer(),
    fileSha256: text,
    format: text,
    encoding: optionalText,
    delimiter: optionalText,
    rowsInFile: Type.Integer({ description: 'Always rows published + rows quarantined.' }),
    rowsPublished: Type.Integer(),
    rowsQuarantined: Type.Integer(),
    findings: Type.Array(findingSchema),
    findingsTotal: Type.Integer(),
    recipe: Type.Optional(
      Type.Unsafe<Recipe | null>({
        type: ['object', 'null'],
        description: 'What the publisher said of the file instead of having it guessed; said of the next one as well.',
      }),
    ),
  },
  { $id: 'Report', description: 'What happened to the file as it was published.' },
);

const revisionDetailSchema = exact(
  {
    ...revisionSchema.properties,
    columns: Type.Array(Type.Ref('Column')),
    report: Type.Ref('Report'),
    downloads: Type.Array(Type.Ref('Download')),
  },
  { $id: 'RevisionDetail' },
);

const revisionListSchema = exact({ data: Type.Array(Type.Ref('Revision')) }, { $id: 'RevisionList' });
const downloadListSchema = exact({ data: Type.Array(Type.Ref('Download')) }, { $id: 'DownloadList' });
const departmentListSchema = exact({ data: Type.Array(Type.Ref('Department')) }, { $id: 'DepartmentList' });

export const nativeSchemas = [
  departmentSchema,
  columnSchema,
  metadataSchema,
  revisionSchema,
  downloadSchema,
  datasetSchema,
  hitSchema,
  searchSchema,
  datasetListSchema,
  rowSchema,
  rowsSchema,
  countSchema,
  statisticsSchema,
  reportSchema,
  revisionDetailSchema,
  revisionListSchema,
  downloadListSchema,
  departmentListSchema,
];
