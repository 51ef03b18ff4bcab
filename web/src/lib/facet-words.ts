// How facet values read: the catalogue's own labels, and words for the values that are codes.
// It must not hide a value that has no word.

import type { FacetName, FacetValue } from '../../../src/catalogue/search-types.ts';
import type { Words } from './words.ts';

export function cadenceWord(words: Words, cadence: string): string {
  const key = `cadence.${cadence}`;
  return words.has(key) ? words.t(key) : cadence;
}

const formatNames: Readonly<Record<string, string>> = { geojson: 'GeoJSON', parquet: 'Parquet' };

export function formatName(format: string): string {
  return formatNames[format] ?? format.toUpperCase();
}

export function facetLabel(words: Words, facet: FacetName, option: Pick<FacetValue, 'value' | 'label'>): string {
  if (option.value === 'not-specified') return words.t('unknown');
  switch (facet) {
    case 'cadence':
      return cadenceWord(words, option.value);
    case 'format':
      return formatName(option.value);
    case 'map':
      return words.t(option.value === 'true' ? 'facet.map.yes' : 'facet.map.no');
    case 'department':
    case 'theme':
    case 'licence':
      return option.label;
  }
}
