// The dataset that parser tests ask about: one column of every type. It holds no rows.

import type { Dataset, Revision } from '../../src/catalogue/dataset.ts';
import { readParameters } from '../../src/dialects/language/parameters.ts';
import type { Column, ColumnType } from '../../src/query/column.ts';
import type { Expression, Query } from '../../src/query/query.ts';
import { emptyQuery } from '../../src/query/query.ts';

const types: Readonly<Record<string, ColumnType>> = {
  name: { kind: 'text' },
  status: { kind: 'text' },
  ward: { kind: 'integer' },
  magnitude: { kind: 'number' },
  cost: { kind: 'decimal', precision: 12, scale: 2 },
  active: { kind: 'boolean' },
  opened: { kind: 'date' },
  issued: { kind: 'timestamp' },
  seen: { kind: 'instant' },
  place: { kind: 'geometry', shape: 'Point' },
};

export const columns: readonly Column[] = Object.entries(types).map(([name, type]) => ({
  name,
  title: name,
  description: null,
  type,
  unit: null,
  meaning: null,
  sourceFormat: null,
  derivedFrom: null,
}));

/** Only what parsers look at: id, columns and when it was published. */
export const revision = {
  id: '0123456789abcdef',
  number: 1,
  publishedAt: '2026-01-02T03:04:05.000Z',
  rows: 10,
  columns,
} as unknown as Revision;

export const dataset = { id: 'permits', code: 'ab12-cd34', current: revision } as unknown as Dataset;

/** One parameter a line; a line without `=` at its beginning goes on with the one before. */
export function toParameters(lines: readonly string[]): ReadonlyMap<string, string> {
  const raw: Record<string, string | string[]> = {};
  let last = '';
  for (const line of lines) {
    const parts = /^([$:@\w]+)=(.*)$/s.exec(line);
    if (parts === null) {
      raw[last] = `${String(raw[last])}\n${line}`;
      continue;
    }
    const [, name = '', value = ''] = parts;
    raw[name] = name in raw ? [String(raw[name]), value] : value;
    last = name;
  }
  return readParameters(raw);
}

/** An expression without the places of its parts, and with big integers as text. */
export function toPlain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) => {
      if (key === 'span') return undefined;
      return typeof part === 'bigint' ? `${part}n` : part;
    }),
  );
}

/** The query without what is as in the empty query. */
export function toShort(query: Query): Readonly<Record<string, unknown>> {
  const plain = toPlain(query) as Record<string, unknown>;
  const empty = toPlain(emptyQuery) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(plain).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(empty[name])),
  );
}

/** `(and (eq ward 3) (like name "x%"))`: the expression on one line, for people. */
export function toSentence(expression: Expression): string {
  switch (expression.kind) {
    case 'literal': {
      const text = typeof expression.value === 'bigint' ? `${expression.value}n` : JSON.stringify(expression.value);
      return expression.type === undefined ? text : `${expression.type}:${text}`;
    }
    case 'column':
      return expression.name;
    case 'call': {
      const parts = [
        expression.name,
        ...(expression.distinct === true ? ['distinct'] : []),
        ...expression.args.map(toSentence),
      ];
      const filter = expression.filter === undefined ? '' : ` where ${toSentence(expression.filter)}`;
      return `(${parts.join(' ')}${filter})`;
    }
  }
}
