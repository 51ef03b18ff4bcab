// Code that works for the very dataset, in curl, Python, R and JavaScript: real columns, a value that is really there.
// It must not invent a value: where the profile shows none, the example leaves the filter out.

import type { ColumnProfile, Dataset } from '../catalogue/dataset.ts';
import { printCql2Text } from '../dialects/language/cql2-print.ts';
import type { Column } from '../query/column.ts';
import { isNumeric } from '../query/value-type.ts';
import type { Highlight, Language } from './highlight.ts';
import { toCondition } from './row-filters.ts';
import type { RowFilter } from './row-filters.ts';

export type CodeExample = {
  readonly title: string;
  readonly about: string;
  readonly url: string;
  readonly languages: readonly {
    readonly id: Language;
    readonly label: string;
    readonly code: string;
    readonly html: string;
  }[];
};

const labels: Readonly<Record<Language, string>> = { curl: 'curl', python: 'Python', r: 'R', javascript: 'JavaScript' };

/** What can be asked of this dataset: rows, a filter, an aggregate, the whole, each as an address that answers. */
export function toExamples(publicUrl: string, dataset: Dataset, highlight: Highlight): readonly CodeExample[] {
  const rows = `${publicUrl}/api/v1/datasets/${dataset.id}/rows`;
  const filter = findFilter(dataset);
  const group = findGroup(dataset);
  const csv = `${publicUrl}/datasets/${dataset.id}/download.csv`;
  const made = [
    example('rows', { address: rows, parameters: { limit: '10' } }, 'json', highlight),
    filter === null ? null : example('filter', { address: rows, parameters: filter }, 'json', highlight),
    group === null ? null : example('group', { address: rows, parameters: group }, 'json', highlight),
    example('download', { address: csv, parameters: {} }, 'csv', highlight),
  ];
  return made.filter((each) => each !== null);
}

type Question = { readonly address: string; readonly parameters: Readonly<Record<string, string>> };

const words = {
  rows: ['The first rows', 'Ten rows, as JSON.'],
  filter: ['Rows that meet a condition', 'The condition is written in CQL2; values are from this dataset.'],
  group: ['Counts by group', 'Group, count and order in one question.'],
  download: ['The whole dataset', 'The permanent address of the CSV file.'],
} as const;

function example(
  kind: keyof typeof words,
  question: Question,
  shape: 'json' | 'csv',
  highlight: Highlight,
): CodeExample {
  const [title, about] = words[kind];
  const languages = (Object.keys(labels) as Language[]).map((id) => {
    const code = writeCode[id](question, shape);
    return { id, label: labels[id], code, html: highlight(code, id) };
  });
  return { title, about, url: toUrl(question), languages };
}

function toUrl({ address, parameters }: Question): string {
  const query = new URLSearchParams({ ...parameters });
  return query.size === 0 ? address : `${address}?${query}`;
}

const writeCode: Readonly<Record<Language, (question: Question, shape: 'json' | 'csv') => string>> = {
  curl: toCurl,
  python: toPython,
  r: toR,
  javascript: toJavaScript,
};

function toCurl({ address, parameters }: Question, shape: 'json' | 'csv'): string {
  const given = Object.entries(parameters).map(([name, value]) => `--data-urlencode ${shellQuote(`${name}=${value}`)}`);
  const first = shape === 'csv' ? `curl -O ${shellQuote(address)}` : `curl -G ${shellQuote(address)}`;
  return [first, ...given].join(' \\\n  ');
}

function shellQuote(text: string): string {
  return `'${text.replace(/'/gu, `'\\''`)}'`;
}

function toPython(question: Question, shape: 'json' | 'csv'): string {
  if (shape === 'csv')
    return `import pandas as pd\n\ndata = pd.read_csv(${JSON.stringify(question.address)})\nprint(data.head())`;
  const lines = Object.entries(question.parameters).map(
    ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`,
  );
  return [
    'import requests',
    '',
    'answer = requests.get(',
    `    ${JSON.stringify(question.address)},`,
    `    params={\n    ${lines.join('\n    ')}\n    },`,
    '    timeout=30,',
    ')',
    'answer.raise_for_status()',
    'for row in answer.json()["data"]:',
    '    print(row)',
  ].join('\n');
}

function toR(question: Question, shape: 'json' | 'csv'): string {
  if (shape === 'csv') return `data <- read.csv(${JSON.stringify(question.address)})\nhead(data)`;
  const given = Object.entries(question.parameters).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`);
  return [
    'library(httr2)',
    '',
    `answer <- request(${JSON.stringify(question.address)}) |>`,
    `  req_url_query(\n  ${given.join(',\n  ')}\n  ) |>`,
    '  req_perform() |>',
    '  resp_body_json(simplifyVector = TRUE)',
    '',
    'head(answer$data)',
  ].join('\n');
}

function toJavaScript(question: Question, shape: 'json' | 'csv'): string {
  const check = 'if (!answer.ok) throw new Error((await answer.text()));';
  if (shape === 'csv') {
    return [
      `const answer = await fetch(${JSON.stringify(question.address)});`,
      check,
      'const csv = await answer.text();',
      'console.log(csv.slice(0, 500));',
    ].join('\n');
  }
  const lines = Object.entries(question.parameters).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  return [
    'const parameters = new URLSearchParams({',
    ...lines,
    '});',
    `const answer = await fetch(\`${question.address}?\${parameters}\`);`,
    check,
    'const { data } = await answer.json();',
    'console.table(data);',
  ].join('\n');
}

/** A filter on a value that is in the data: the commonest of a short list, or the middle of numbers. */
function findFilter(dataset: Dataset): Readonly<Record<string, string>> | null {
  const { columns, profile } = dataset.current;
  for (const column of columns) {
    const found = profile.find(({ name }) => name === column.name);
    const value = found === undefined ? null : commonValue(column, found);
    if (value !== null) return { where: writeCondition(columns, column, 'eq', value), limit: '10' };
  }
  for (const column of columns) {
    const median = profile.find(({ name }) => name === column.name)?.median ?? null;
    if (isNumeric(column.type) && column.meaning !== 'identifier' && median !== null) {
      const where = writeCondition(columns, column, 'ge', String(median));
      return { where, order: `${writeName(column)} desc`, limit: '10' };
    }
  }
  return null;
}

function commonValue(column: Column, profile: ColumnProfile): string | null {
  const short = column.type.kind === 'text' && profile.distinct !== null && profile.distinct <= 100;
  const value = short ? (profile.top?.[0]?.value ?? null) : null;
  const plain = value !== null && value !== '' && value.length <= 60 && /^[\p{L}\p{N} .,'&()/-]+$/u.test(value);
  return plain ? value : null;
}

function findGroup(dataset: Dataset): Readonly<Record<string, string>> | null {
  const { columns, profile } = dataset.current;
  const column = columns.find((each) => {
    const distinct = profile.find(({ name }) => name === each.name)?.distinct ?? null;
    const listed = each.type.kind === 'text' || each.type.kind === 'boolean' || each.type.kind === 'integer';
    return listed && each.meaning !== 'identifier' && distinct !== null && distinct >= 2 && distinct <= 50;
  });
  if (column === undefined) return null;
  const name = writeName(column);
  return { select: `${name},count(*) as n`, group: name, order: 'n desc' };
}

function writeName({ name }: Column): string {
  return printCql2Text({ kind: 'column', name });
}

function writeCondition(
  columns: readonly Column[],
  { name }: Column,
  operator: RowFilter['operator'],
  value: string,
): string {
  return printCql2Text(toCondition({ column: name, operator, value }, columns));
}

// The parameters one by one

export type ParameterExample = {
  readonly name: 'select' | 'where' | 'order' | 'limit' | 'after' | 'q' | 'group' | 'as_of';
  readonly example: string;
};

/** The parameters of the rows, each as it may be asked of this dataset; `group` names a column that makes groups. */
export function toParameterExamples(dataset: Dataset, group: string | null): readonly ParameterExample[] {
  const { columns, profile, number } = dataset.current;
  const plain = columns.filter(({ type }) => type.kind !== 'geometry' && type.kind !== 'json');
  const sorted = plain.find(({ type }) => isNumeric(type)) ?? plain[0];
  const grouped = plain.find(({ name }) => name === group) ?? plain[0];
  return [
    { name: 'select', example: plain.slice(0, 3).map(writeName).join(',') },
    { name: 'where', example: findingCondition(columns, profile) },
    { name: 'order', example: sorted === undefined ? ':id' : `${writeName(sorted)} desc` },
    { name: 'limit', example: '1000' },
    { name: 'after', example: '…' },
    { name: 'q', example: 'park' },
    { name: 'group', example: grouped === undefined ? '' : writeName(grouped) },
    { name: 'as_of', example: String(number) },
  ];
}

/** It finds rows: the most frequent value of the first column that has one, else any column that is filled. */
function findingCondition(columns: readonly Column[], profile: readonly ColumnProfile[]): string {
  for (const column of columns) {
    const value = profile.find(({ name }) => name === column.name)?.top?.[0]?.value;
    if (value !== undefined && value.length <= 40) return writeCondition(columns, column, 'eq', value);
  }
  const [first] = columns;
  return first === undefined ? '' : writeCondition(columns, first, 'filled', '');
}
