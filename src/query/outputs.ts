// Pass: what the answer's columns are, with unique names. It must not decide what may be selected together.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { checkExpression } from './check-expression.ts';
import { rowIdColumn, type Column, type Schema } from './column.ts';
import type { PlanOutput } from './plan.ts';
import type { Expression, Query, SelectItem } from './query.ts';
import { toPosition } from './resolve.ts';
import type { TypedExpression } from './value-type.ts';

/** The outputs of the select list; an empty list is every column of the dataset. Throws duplicate-alias. */
export function readOutputs(query: Query, schema: Schema): readonly PlanOutput[] {
  const listed = query.select.length > 0 ? readItems(query.select, schema) : schema.map(toOutput);
  const hasRowId = listed.some((output) => output.name === rowIdColumn);
  return query.withRowId && !query.distinct && !hasRowId ? [rowIdOutput, ...listed] : listed;
}

const rowIdOutput: PlanOutput = {
  name: rowIdColumn,
  type: { kind: 'integer' },
  expression: { kind: 'column', name: rowIdColumn, type: { kind: 'integer' } },
  source: null,
};

function toOutput(column: Column): PlanOutput {
  return {
    name: column.name,
    type: column.type,
    expression: { kind: 'column', name: column.name, type: column.type },
    source: column,
  };
}

function readItems(items: readonly SelectItem[], schema: Schema): readonly PlanOutput[] {
  const taken = new Set<string>();
  for (const item of items) {
    if (item.as === null) continue;
    requireName(item);
    if (taken.has(item.as.toLowerCase())) throw duplicate(item.as, item);
    taken.add(item.as.toLowerCase());
  }
  return items.map((item) => {
    const expression = checkExpression(item.expression, schema, 'any');
    if (expression.type.kind === 'interval') {
      throw new PortalError('type-mismatch', {
        detail: say('query.length-of-time'),
        position: toPosition(item.span ?? item.expression.span),
      });
    }
    const name = item.as ?? takeName(item.expression, taken, item);
    return { name, type: expression.type, expression, source: findSource(expression, schema) };
  });
}

const namePattern = /^[\p{L}_:@*][\p{L}\p{M}\p{N}_ .,:@()*+/%#&?!<>=|-]{0,99}$/u;

function requireName(item: SelectItem): void {
  if (item.as !== null && namePattern.test(item.as)) return;
  throw new PortalError('bad-request', {
    detail: say('query.column-name'),
    position: toPosition(item.span),
  });
}

/** Words of the expression joined by `_`, as SODA names them; a second one of the same name gets `_1`, `_2` … */
function takeName(expression: Expression, taken: Set<string>, item: SelectItem): string {
  const plain = expression.kind === 'column';
  const words = toWords(expression)
    .join('_')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_]+/gu, '_');
  const base = plain ? expression.name : words.replace(/^(?=\p{N})/u, '_').slice(0, 60) || 'value';
  if (plain && taken.has(base)) throw duplicate(base, item);
  let name = base;
  for (let n = 1; taken.has(name); n += 1) name = `${base}_${n}`;
  taken.add(name);
  return name;
}

function toWords(expression: Expression): readonly string[] {
  if (expression.kind === 'column') return [expression.name.replace(/^:/u, '')];
  if (expression.kind === 'literal') return expression.value === null ? [] : [String(expression.value)];
  const isOperator = operatorNames.includes(expression.name);
  return [...(isOperator ? [] : [expression.name]), ...expression.args.flatMap(toWords)];
}

const operatorNames: readonly string[] = [
  'add',
  'sub',
  'mul',
  'div',
  'mod',
  'pow',
  'neg',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'concat',
];

function duplicate(name: string, item: SelectItem): PortalError {
  return new PortalError('duplicate-alias', {
    detail: say('query.called-twice', { name }),
    position: toPosition(item.span),
    extra: { column: name },
  });
}

function findSource(expression: TypedExpression, schema: Schema): Column | null {
  return expression.kind === 'column' ? (schema.find((column) => column.name === expression.name) ?? null) : null;
}
