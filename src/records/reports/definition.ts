// What the yearly report asks, as city/<name>/records/jlarc.json states it: the statute's words, and how this portal
// counts. It must hold no number of its own; figures.ts works them out, and a test holds both to each other.

import { join } from 'node:path';

import { Type } from 'typebox';

import { readVersions } from '../law/law-files.ts';
import type { CityDate } from '../../city/days.ts';

export const figureUnits = ['requests', 'days', 'minutes', 'cents', 'percent', 'claims'] as const;
export type FigureUnit = (typeof figureUnits)[number];

export type FigureDefinition = {
  readonly id: string;
  readonly label: string;
  readonly unit: FigureUnit;
  readonly counting: string | null;
};

export type MetricDefinition = {
  readonly number: number;
  /** Of RCW 40.14.026(5). */
  readonly letter: string;
  readonly title: string;
  /** The statute's own words. */
  readonly wording: string;
  /** How this portal counts, in plain English. */
  readonly counting: string;
  readonly figures: readonly FigureDefinition[];
};

export type ReportDefinition = {
  readonly effectiveFrom: CityDate | null;
  readonly statute: string;
  readonly statuteRead: boolean;
  readonly period: string;
  readonly periodSource: string;
  readonly thresholdCents: number;
  readonly worksheetNote: string;
  readonly base: readonly FigureDefinition[];
  readonly metrics: readonly MetricDefinition[];
  readonly worksheet: readonly { readonly column: string; readonly figure: string }[];
};

const text = Type.String({ minLength: 1 });
const exactly = (properties: Parameters<typeof Type.Object>[0]) =>
  Type.Object(properties, { additionalProperties: false });
const id = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]*$' });
const figure = exactly({
  id,
  label: text,
  unit: Type.Union(figureUnits.map((unit) => Type.Literal(unit))),
  counting: Type.Union([text, Type.Null()]),
});

const schema = exactly({
  versions: Type.Array(
    exactly({
      effectiveFrom: Type.Union([Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), Type.Null()]),
      statute: text,
      statuteRead: Type.Boolean(),
      period: text,
      periodSource: text,
      thresholdCents: Type.Integer({ minimum: 0 }),
      worksheetNote: text,
      base: Type.Array(figure),
      metrics: Type.Array(
        exactly({
          number: Type.Integer({ minimum: 1 }),
          letter: Type.String({ pattern: '^[a-z]$' }),
          title: text,
          wording: text,
          counting: text,
          figures: Type.Array(figure, { minItems: 1 }),
        }),
      ),
      worksheet: Type.Array(exactly({ column: text, figure: id })),
    }),
    { minItems: 1 },
  ),
});

/** `cityFolder` is city/<name>. Throws setting-invalid. */
export function readReportDefinitions(cityFolder: string): Promise<readonly ReportDefinition[]> {
  return readVersions<ReportDefinition>(join(cityFolder, 'records', 'jlarc.json'), schema);
}
