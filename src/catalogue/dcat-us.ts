// Datasets in DCAT-US: 3.0 (JSON Schema 2020-12 of GSA/dcat-us) and 1.1 (`/data.json`, which harvesters still read).
// What the publisher left out is left out here too; nothing is invented.

import type { Cadence, Contact, Dataset } from './dataset.ts';
import {
  fullDescription,
  pageUrl,
  toDistributions,
  withoutEmpty,
  type Distribution,
  type Site,
} from './distributions.ts';

/** ISO 8601 repeating intervals, as both versions write dcterms:accrualPeriodicity. */
const periodicities: Readonly<Record<Cadence, string>> = {
  continuous: 'R/PT1S',
  hourly: 'R/PT1H',
  daily: 'R/P1D',
  weekly: 'R/P1W',
  biweekly: 'R/P2W',
  monthly: 'R/P1M',
  bimonthly: 'R/P2M',
  quarterly: 'R/P3M',
  semiannual: 'R/P6M',
  annual: 'R/P1Y',
  biennial: 'R/P2Y',
  irregular: 'irregular',
  never: 'R/P0D',
};

function toPeriodicity(cadence: Cadence | null): string | null {
  if (cadence === null || cadence === 'never') return null; // 1.1 and 3.0 have no word for "will not be updated"
  return periodicities[cadence];
}

function toContact(dataset: Dataset, site: Site): Record<string, unknown> {
  const contact: Contact | null = dataset.metadata.contact ?? dataset.department.contact;
  const email = contact?.email ?? site.openData.email;
  return withoutEmpty({
    '@type': 'vcard:Contact',
    fn: contact?.name ?? dataset.department.name,
    hasEmail: email === null ? null : `mailto:${email}`,
    tel: contact?.phone ?? null,
    hasURL: contact?.url ?? null,
  });
}

function toPublisher(dataset: Dataset, site: Site): Record<string, unknown> {
  return {
    '@type': 'org:Organization',
    name: dataset.department.name,
    subOrganizationOf: { '@type': 'org:Organization', name: site.cityName },
  };
}

function toDistribution3(each: Distribution): Record<string, unknown> {
  return withoutEmpty({
    '@type': 'Distribution',
    title: each.label,
    format: each.label,
    mediaType: each.mediaType,
    downloadURL: each.url,
    byteSize: each.bytes === null ? null : String(each.bytes),
    checksum: each.sha256 === null ? null : { '@type': 'Checksum', algorithm: 'SHA-256', checksumValue: each.sha256 },
  });
}

/** A dataset as DCAT-US 3.0 `Dataset` JSON. */
export function toDcatUs3(dataset: Dataset, site: Site): Record<string, unknown> {
  const { metadata, current } = dataset;
  const [west, south, east, north] = metadata.bbox ?? [];
  const spatial = metadata.spatial ?? site.openData.spatial;
  const location = withoutEmpty({
    '@type': 'Location',
    prefLabel: spatial,
    bbox:
      metadata.bbox === null
        ? null
        : `POLYGON((${west} ${south},${east} ${south},${east} ${north},${west} ${north},${west} ${south}))`,
  });
  return withoutEmpty({
    '@type': 'Dataset',
    '@id': pageUrl(dataset, site),
    identifier: pageUrl(dataset, site),
    otherIdentifier: [{ '@type': 'Identifier', notation: dataset.code }],
    title: metadata.title,
    description: fullDescription(dataset),
    keyword: metadata.keywords,
    theme: metadata.theme === null ? null : [{ '@type': 'Concept', prefLabel: metadata.theme }],
    publisher: toPublisher(dataset, site),
    contactPoint: [toContact(dataset, site)],
    issued: dataset.createdAt,
    modified: current.publishedAt,
    version: String(current.number),
    accrualPeriodicity: toPeriodicity(metadata.cadence),
    license: metadata.licence?.url ?? metadata.licence?.name ?? null,
    rights: metadata.rights === null ? null : [metadata.rights],
    accessRights: 'public',
    language: metadata.language === null ? null : [metadata.language],
    landingPage: {
      '@type': 'Document',
      title: metadata.title,
      accessURL: metadata.landingPage ?? pageUrl(dataset, site),
    },
    spatial: metadata.bbox === null && spatial === null ? null : [location],
    temporal:
      metadata.temporal === null
        ? null
        : [
            withoutEmpty({
              '@type': 'PeriodOfTime',
              startDate: metadata.temporal.start,
              endDate: metadata.temporal.end,
            }),
          ],
    provenance: metadata.methodology === null ? null : [metadata.methodology],
    purpose: metadata.purpose,
    source: metadata.sourceUrl === null ? null : [metadata.sourceUrl],
    conformsTo: metadata.conformsTo === null ? null : [{ '@type': 'Standard', title: metadata.conformsTo }],
    describedBy: {
      '@type': 'Distribution',
      title: 'Data dictionary (CSVW)',
      mediaType: 'application/csvm+json',
      downloadURL: `${pageUrl(dataset, site)}/csv-metadata.json`,
    },
    distribution: toDistributions(dataset, site).map(toDistribution3),
  });
}

/** The whole catalogue as DCAT-US 3.0 `Catalog` JSON. */
export function toDcatUs3Catalogue(datasets: readonly Dataset[], site: Site): Record<string, unknown> {
  return {
    '@type': 'Catalog',
    '@id': `${site.publicUrl}/dcat-us-3.0.json`,
    title: `${site.cityName}: open data`,
    description: `Datasets that the departments of the ${site.cityName} publish.`,
    publisher: { '@type': 'org:Organization', name: site.cityName },
    language: [site.language],
    dataset: datasets.map((each) => toDcatUs3(each, site)),
  };
}

function toTemporal11(temporal: Dataset['metadata']['temporal']): string | null {
  if (temporal === null || temporal.start === null) return null;
  return `${temporal.start}/${temporal.end ?? '..'}`;
}

/** A dataset as DCAT-US 1.1 (Project Open Data, non-federal). */
function toDcatUs11(dataset: Dataset, site: Site): Record<string, unknown> {
  const { metadata, current } = dataset;
  return withoutEmpty({
    '@type': 'dcat:Dataset',
    identifier: pageUrl(dataset, site),
    title: metadata.title,
    description: fullDescription(dataset),
    // 1.1 demands one keyword at least; the theme or the department stands in when the publisher gave none.
    keyword: metadata.keywords.length > 0 ? metadata.keywords : [metadata.theme ?? dataset.department.name],
    modified: current.publishedAt,
    issued: dataset.createdAt,
    publisher: toPublisher(dataset, site),
    contactPoint: toContact(dataset, site),
    accessLevel: metadata.accessLevel,
    accrualPeriodicity: toPeriodicity(metadata.cadence),
    license: metadata.licence?.url ?? null,
    rights: (metadata.rights ?? metadata.licence?.name ?? '').slice(0, 255),
    spatial: metadata.bbox === null ? (metadata.spatial ?? site.openData.spatial) : metadata.bbox.join(','),
    temporal: toTemporal11(metadata.temporal),
    theme: metadata.theme === null ? null : [metadata.theme],
    landingPage: metadata.landingPage ?? pageUrl(dataset, site),
    language: metadata.language === null ? null : [metadata.language],
    describedBy: `${pageUrl(dataset, site)}/csv-metadata.json`,
    describedByType: 'application/csvm+json',
    distribution: toDistributions(dataset, site).map((each) => ({
      '@type': 'dcat:Distribution',
      title: each.label,
      format: each.label,
      mediaType: each.mediaType,
      downloadURL: each.url,
    })),
  });
}

/** `/data.json` of Project Open Data 1.1. */
export function toDataJson(datasets: readonly Dataset[], site: Site): Record<string, unknown> {
  return {
    '@context': 'https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld',
    '@id': `${site.publicUrl}/data.json`,
    '@type': 'dcat:Catalog',
    conformsTo: 'https://project-open-data.cio.gov/v1.1/schema',
    describedBy: 'https://project-open-data.cio.gov/v1.1/schema/catalog.json',
    dataset: datasets.map((each) => toDcatUs11(each, site)),
  };
}
