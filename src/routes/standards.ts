// The catalogue in the vocabularies that harvesters and search engines read: DCAT-US, schema.org, CSVW, data package.
// It must not make any of them; catalogue/ does.

import { Type } from 'typebox';

import type { Dataset } from '../catalogue/dataset.ts';
import { toDataJson, toDcatUs3, toDcatUs3Catalogue } from '../catalogue/dcat-us.ts';
import type { Site } from '../catalogue/distributions.ts';
import { toCsvw, toDataPackage, toSchemaOrg } from '../catalogue/standards.ts';
import { requireDataset } from '../serve/read/datasets.ts';
import { sendDocument } from '../serve/http/document.ts';
import type { Portal } from '../serve/portal.ts';
import { bodies, datasetParams, problems } from '../serve/http/schemas.ts';
import { toSite } from '../serve/site.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

type Description = {
  readonly path: string;
  readonly summary: string;
  readonly operationId: string;
  readonly mediaType: string;
  readonly make: (dataset: Dataset, site: Site) => Record<string, unknown>;
};

const descriptions: readonly Description[] = [
  {
    path: '/datasets/:id.jsonld',
    summary: 'The dataset as schema.org JSON-LD',
    operationId: 'readSchemaOrg',
    mediaType: 'application/ld+json',
    make: toSchemaOrg,
  },
  {
    path: '/datasets/:id/dcat-us-3.0.json',
    summary: 'The dataset in DCAT-US 3.0',
    operationId: 'readDcatUs3',
    mediaType: 'application/ld+json',
    make: toDcatUs3,
  },
  {
    path: '/datasets/:id/csv-metadata.json',
    summary: 'CSVW metadata of the CSV download',
    operationId: 'readCsvw',
    mediaType: 'application/csvm+json',
    make: toCsvw,
  },
  {
    path: '/datasets/:id/datapackage.json',
    summary: 'The dataset as a Frictionless Data Package',
    operationId: 'readDataPackage',
    mediaType: 'application/json',
    make: toDataPackage,
  },
];

const anyObject = Type.Object({}, { additionalProperties: true });

export async function standardsRoutes(app: TypedApp, portal: Portal): Promise<void> {
  for (const description of descriptions) addDescription(app, portal, description);
  const catalogues = [
    {
      path: '/data.json',
      summary: 'The catalogue in DCAT-US 1.1 (Project Open Data)',
      operationId: 'readDataJson',
      make: toDataJson,
    },
    {
      path: '/dcat-us-3.0.json',
      summary: 'The catalogue in DCAT-US 3.0',
      operationId: 'readCatalogue',
      make: toDcatUs3Catalogue,
    },
  ];
  for (const { path, summary, operationId, make } of catalogues) {
    const response = { 200: bodies('The catalogue.', { 'application/json': anyObject }) };
    app.get(path, { schema: { summary, operationId, tags: ['Standards'], response } }, async (request, reply) => {
      const datasets = await allDatasets(portal);
      return sendDocument(request, reply, make(datasets, toSite(portal)));
    });
  }
}

function addDescription(app: TypedApp, portal: Portal, description: Description): void {
  const { path, summary, operationId, mediaType, make } = description;
  const response = { 200: bodies('The description.', { [mediaType]: anyObject }), ...problems(['dataset-not-found']) };
  const schema = { summary, operationId, tags: ['Standards'], params: datasetParams, response };
  app.get(path, { schema }, async (request, reply) => {
    const { id } = request.params;
    const dataset = await requireDataset(portal, id, request.actor);
    return sendDocument(request, reply, make(dataset, toSite(portal)), { mediaType });
  });
}

const pageOfDatasets = 100;

async function allDatasets(portal: Portal): Promise<readonly Dataset[]> {
  const all: Dataset[] = [];
  let after: string | null = null;
  do {
    const page = portal.catalogue.list({ limit: pageOfDatasets, after });
    all.push(...page.datasets);
    after = page.next;
  } while (after !== null);
  return all;
}
