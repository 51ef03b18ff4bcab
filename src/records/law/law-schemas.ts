// The shapes of the law's files, field by field. It must hold no rule: law-files.ts checks what a shape cannot say.

import { Type } from 'typebox';
import type { TProperties, TSchema } from 'typebox';

import { weekdays } from '../../city/days.ts';
import { feeUnits } from './fees-law.ts';
import { clockIds } from './law.ts';

const text = Type.String({ minLength: 1 });
const id = Type.String({ pattern: '^[a-z0-9][a-z0-9.-]*$' });
const date = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()]);
const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)));
const exactly = (properties: TProperties) => Type.Object(properties, { additionalProperties: false });
const versions = (properties: TProperties) =>
  exactly({ versions: Type.Array(exactly({ effectiveFrom: orNull(date), ...properties }), { minItems: 1 }) });

/** The members of the profile that letters and clocks need; the rest is the pages' own. */
export const profileSchema = Type.Object({
  name: text,
  shortName: text,
  timeZone: text,
  language: text,
  clerk: Type.Object({
    name: text,
    email: orNull(text),
    phone: orNull(text),
    address: orNull(text),
    url: orNull(text),
  }),
});

export const citationsSchema = exactly({
  citations: Type.Array(exactly({ id, cite: text, title: text, url: orNull(text), verified: Type.Boolean() })),
});

const month = Type.Integer({ minimum: 1, maximum: 12 });
const weekday = oneOf(weekdays);

const holidayRule = Type.Union([
  exactly({ kind: Type.Literal('fixed'), month, day: Type.Integer({ minimum: 1, maximum: 31 }) }),
  exactly({
    kind: Type.Literal('nth-weekday'),
    month,
    weekday,
    nth: Type.Integer({ minimum: 1, maximum: 4 }),
    plusDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 6 })),
  }),
  exactly({ kind: Type.Literal('last-weekday'), month, weekday }),
]);

export const calendarSchema = versions({
  weekend: exactly({ days: Type.Array(weekday, { maxItems: 3 }), citation: id }),
  shifts: exactly({
    saturday: Type.Integer({ minimum: -3, maximum: 3 }),
    sunday: Type.Integer({ minimum: -3, maximum: 3 }),
    citation: id,
  }),
  holidays: Type.Array(exactly({ id, name: text, rule: holidayRule, citation: id })),
});

export const clocksSchema = versions({
  receipt: exactly({
    rule: oneOf(['A', 'B']),
    closingTime: orNull(Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })),
    texts: exactly({ A: text, B: text }),
    citations: Type.Array(id),
  }),
  clocks: Type.Array(
    exactly({
      id: oneOf(clockIds),
      code: text,
      name: text,
      count: oneOf(['business-days', 'calendar-days', 'years', 'hours', 'set-date']),
      length: orNull(Type.Integer({ minimum: 1, maximum: 1_000 })),
      basis: oneOf(['law', 'practice', 'policy']),
      citations: Type.Array(id, { minItems: 1 }),
      rule: text,
      starts: text,
      stops: text,
      isLeast: Type.Boolean(),
      actsDayAfter: Type.Boolean(),
    }),
  ),
});

export const exemptionsSchema = versions({
  exemptions: Type.Array(
    exactly({ id, cite: text, title: text, covers: text, note: orNull(text), verified: Type.Boolean() }),
  ),
});

const tenths = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const rate = exactly({ unit: oneOf(feeUnits), tenths, per: Type.Integer({ minimum: 1 }), citation: id });
const amount = exactly({ tenths, citation: id });
const percent = Type.Integer({ minimum: 1, maximum: 100 });

const schedule = exactly({
  adoptedOn: date,
  source: text,
  kind: oneOf(['default-rates', 'actual-costs']),
  rates: Type.Array(rate),
  passesActualCosts: Type.Boolean(),
  flat: orNull(amount),
  depositPercent: orNull(percent),
  waivers: Type.Array(exactly({ code: id, text, source: text })),
});

export const feesSchema = versions({
  caps: Type.Array(rate),
  units: exactly(Object.fromEntries(feeUnits.map((unit) => [unit, exactly({ one: text, many: text })]))),
  flatCap: amount,
  flatFloor: amount,
  depositCapPercent: percent,
  citations: exactly({
    inspection: id,
    actualCosts: id,
    combining: id,
    alreadyPublished: id,
    summary: id,
    customized: id,
    deposit: id,
    installment: id,
    waiver: id,
    defaultRates: id,
  }),
  counting: exactly({
    files: oneOf(['floor', 'ceil']),
    bytesPerGigabyte: Type.Integer({ minimum: 1_000_000_000, maximum: 1_073_741_824 }),
    note: text,
  }),
  schedule: orNull(schedule),
  scheduleNote: text,
});
