// Real public data that the project's npm packages carry with a stated licence, read and narrowed to the state.
// It must not change a value: rows are chosen, never edited.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';

function readVega(name: string): string {
  const entry = import.meta.resolve('vega-datasets');
  return readFileSync(fileURLToPath(new URL(`../data/${name}`, entry)), 'utf8');
}

/** The header and the lines for which `keep` holds. The files used have no line breaks inside a field. */
function chooseLines(text: string, keep: (line: string) => boolean): string {
  const [header = '', ...lines] = text.split(/\r?\n/);
  return `${[header, ...lines.filter((line) => line !== '' && keep(line))].join('\n')}\n`;
}

export function seattleWeather(): string {
  return readVega('seattle-weather.csv');
}

export function seattleHourlyNormals(): string {
  return readVega('seattle-weather-hourly-normals.csv');
}

export function earthquakes(): string {
  return readVega('earthquakes.json');
}

export function washingtonZipCodes(): string {
  return chooseLines(readVega('zipcodes.csv'), (line) => /,WA,[^,]*$/.test(line));
}

export function washingtonAirports(): string {
  return chooseLines(readVega('airports.csv'), (line) => /,WA,USA,[^,]*,[^,]*$/.test(line));
}

/** Counties of the state of Washington (FIPS 53) as GeoJSON, from the Census Bureau's cartographic boundaries. */
export function washingtonCounties(): string {
  const path = fileURLToPath(import.meta.resolve('us-atlas/counties-10m.json'));
  const topology = JSON.parse(readFileSync(path, 'utf8')) as Topology<{
    counties: GeometryCollection<{ name: string }>;
  }>;
  const counties = feature(topology, topology.objects.counties).features.filter((each) =>
    String(each.id).startsWith('53'),
  );
  const features = counties.map((each) => ({
    type: 'Feature',
    properties: { fips: String(each.id), name: each.properties.name },
    geometry: each.geometry,
  }));
  return `{"type":"FeatureCollection","features":[\n${features.map((each) => JSON.stringify(each)).join(',\n')}\n]}\n`;
}
