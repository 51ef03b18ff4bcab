// Where the whole of a dataset can be downloaded, in which formats, for every machine-readable description of it.
// It must not make files; it only names addresses that are always there.

import type { Dataset, Download } from './dataset.ts';

/** The portal and the city, as descriptions name them. */
export type Site = {
  readonly publicUrl: string; // no slash at the end
  readonly cityName: string; // "City of Kent, Washington"
  readonly language: string; // BCP 47
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

/** The notice ("sample, generated …") stands before the description wherever the dataset is described. */
export function fullDescription(dataset: Dataset): string {
  const { notice, description, title } = dataset.metadata;
  const words = description ?? title;
  return notice === null ? words : `[${notice}] ${words}`;
}
