// Where the whole of a dataset can be downloaded, in which formats, for every machine-readable description of it.
// It must not make files; it only names addresses that are always there.

import type { Dataset, Download } from './dataset.ts';

/** The portal and the city, as descriptions name them. */
export type Site = {
  readonly publicUrl: string; // no slash at the end
  readonly cityName: string; // "City of Kent, Washington"
  readonly language: string; // BCP 47
  /** The city's defaults for datasets that do not say it themselves; null: the city has not said it either. */
  readonly openData: { readonly email: string | null; readonly spatial: string | null };
};

export type Distribution = {
  readonly format: Download['format'];
  readonly label: string; // "CSV"
  readonly mediaType: string;
  readonly url: string;
  readonly bytes: number | null; // known once the file is made
  readonly sha256: string | null;
};

const formats: readonly { format: Download['format']; label: string; mediaType: string; spatial?: true }[] = [
  { format: 'csv', label: 'CSV', mediaType: 'text/csv' },
  { format: 'json', label: 'JSON', mediaType: 'application/json' },
  { format: 'ndjson', label: 'NDJSON', mediaType: 'application/x-ndjson' },
  { format: 'geojson', label: 'GeoJSON', mediaType: 'application/geo+json', spatial: true },
  { format: 'parquet', label: 'Parquet', mediaType: 'application/vnd.apache.parquet' },
];

/** Every format the dataset is offered in; GeoJSON only where there is geometry. */
export function toDistributions(dataset: Dataset, site: Site): Distribution[] {
  return formats
    .filter((each) => each.spatial !== true || dataset.hasGeometry)
    .map(({ format, label, mediaType }) => {
      const made = dataset.current.downloads.find((each) => each.format === format);
      return {
        format,
        label,
        mediaType,
        url: `${site.publicUrl}/datasets/${dataset.id}/download.${format}`,
        bytes: made?.bytes ?? null,
        sha256: made?.sha256 ?? null,
      };
    });
}

export function pageUrl(dataset: Dataset, site: Site): string {
  return `${site.publicUrl}/datasets/${dataset.id}`;
}

/** Leaves out what is null, empty or an empty list: validators refuse such fields, and nothing is invented. */
export function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isSaid = (value: unknown): boolean =>
    value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSaid(value)));
}

/** Search engines take no shorter description (Google's Dataset structured data); DCAT-US wants a paragraph. */
const shortestDescription = 50;

/**
 * The notice ("sample, generated …") stands before the description wherever the dataset is described. A description too
 * short for search engines goes on with what the data says of itself.
 */
export function fullDescription(dataset: Dataset): string {
  const { metadata, current, department } = dataset;
  const words = metadata.description ?? metadata.title;
  const noticed = metadata.notice === null ? words : `[${metadata.notice}] ${words}`;
  if (noticed.length >= shortestDescription) return noticed;
  const named = current.columns.slice(0, 20).map(({ title }) => title);
  const rows = `${current.rows} ${current.rows === 1 ? 'row' : 'rows'}`;
  const more = current.columns.length > named.length ? ', and more' : '';
  const end = /[.!?]$/u.test(noticed) ? '' : '.';
  return `${noticed}${end} ${rows} with ${named.join(', ')}${more}. Published by ${department.name}.`;
}

/** What a harvester or a search engine requires that neither the dataset nor the city says, as metadata names. */
export function harvestGaps(
  { metadata, department }: Pick<Dataset, 'metadata' | 'department'>,
  { openData }: Pick<Site, 'openData'>,
): readonly ('description' | 'contact' | 'spatial')[] {
  const contact = metadata.contact ?? department.contact;
  return [
    ...((metadata.description ?? '').length < shortestDescription ? (['description'] as const) : []),
    ...((contact?.email ?? openData.email) === null ? (['contact'] as const) : []),
    ...((metadata.bbox ?? metadata.spatial ?? openData.spatial) === null ? (['spatial'] as const) : []),
  ];
}
