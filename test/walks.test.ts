// The walks of docs/walks.md are those of the code: every hop is there, and leads to the next.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import test from 'node:test';
import ts from 'typescript';
import { importsOf, parseSource, readProject, root } from './source.ts';

/** How a hop is reached where no import shows it. Anything else in such brackets is a mistake. */
const marks = ['by the address', 'by a form', 'by an object', 'called back', 'in a child process', 'by a job'];

type Hop = {
  readonly number: number;
  readonly path: string;
  readonly name: string;
  readonly says: string;
  /** The number of the hop that calls this one, where it is not the one before. */
  readonly from: number | null;
  readonly mark: string | null;
};

type Walk = { readonly title: string; readonly counted: number; readonly hops: readonly Hop[] };

const headingShape = /^## \(([a-z])\) (.+): (\d+) hops$/;
const hopShape = /^(\d+)\. `([^`]+)` → `(\w+)`,? (.+?)(?: \((from (\d+)|[^()]+)\))?$/;

/** Walks in order; a line that begins with a number and is no hop throws. */
function walksOf(markdown: string): readonly Walk[] {
  const sections = markdown.split(/^(?=## )/m).filter((section) => section.startsWith('## ('));
  return sections.map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    const [, , title, counted] = headingShape.exec(heading) ?? [];
    if (title === undefined) throw new Error(`no heading of a walk: ${heading}`);
    return { title, counted: Number(counted), hops: lines.filter((line) => /^\d/.test(line)).map(toHop) };
  });
}

function toHop(line: string): Hop {
  const [, number, path, name, says, bracket, from] = hopShape.exec(line) ?? [];
  if (path === undefined || name === undefined || says === undefined) throw new Error(`no hop: ${line}`);
  const mark = bracket === undefined || from !== undefined ? null : bracket;
  return { number: Number(number), path, name, says, from: from === undefined ? null : Number(from), mark };
}

const read = new Map<string, ts.SourceFile>();

function sourceOf(path: string): ts.SourceFile {
  const known = read.get(path) ?? parseSource(path);
  read.set(path, known);
  return known;
}

function some(node: ts.Node, is: (node: ts.Node) => boolean): boolean {
  return is(node) || (ts.forEachChild(node, (child) => some(child, is)) ?? false);
}

function isNamed(node: ts.Node, name: string): boolean {
  return (ts.isIdentifier(node) || ts.isStringLiteral(node)) && node.text === name;
}

const isFunction = (node: ts.Node | undefined): boolean =>
  node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));

/** A function of that name, a method or member that is one, or an exported constant; a member of a type is none. */
function declares(source: ts.SourceFile, name: string): boolean {
  return some(source, (node) => {
    if (ts.isFunctionDeclaration(node)) return node.name?.text === name && node.body !== undefined;
    if (ts.isMethodDeclaration(node)) return isNamed(node.name, name);
    if (ts.isPropertyAssignment(node)) return isNamed(node.name, name) && isFunction(node.initializer);
    if (!ts.isVariableDeclaration(node) || !isNamed(node.name, name)) return false;
    const statement = node.parent.parent;
    const isExported =
      ts.isVariableStatement(statement) &&
      (statement.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return isExported || isFunction(node.initializer);
  });
}

/** In code: a comment that names a function does not call it, and neither does the line that imports it. */
function mentions(source: ts.SourceFile, name: string): boolean {
  return source.statements
    .filter((statement) => !ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement))
    .some((statement) => some(statement, (node) => ts.isIdentifier(node) && node.text === name));
}

function importsFile(source: ts.SourceFile, path: string): boolean {
  const folder = dirname(source.fileName);
  return importsOf(source).some(({ from }) => {
    if (from.startsWith('#lib/')) return from.replace('#lib/', 'web/src/lib/') === path;
    return from.startsWith('.') && posix.join(folder, from) === path;
  });
}

/** Why one hop does not lead to another, in words; null when it does. */
function brokenBetween(before: Hop, { path, name }: Hop): string | null {
  if (before.path === path) return `is in the same file as ${before.number}, so it is no hop`;
  const source = sourceOf(before.path);
  if (!importsFile(source, path)) return `${before.path} does not import it`;
  return mentions(source, name) ? null : `${before.path} does not mention ${name}`;
}

/** A hop's fault in words, or null when it is there and is reached as it says. */
function faultOf(hop: Hop, hops: readonly Hop[]): string | null {
  const { number, path, name, from, mark } = hop;
  if (!existsSync(join(root, path))) return 'no such file';
  if (!declares(sourceOf(path), name)) return `declares no function ${name}`;
  const before = hops[(from ?? number - 1) - 1];
  if (mark !== null) {
    if (!marks.includes(mark)) return `“${mark}” is no way to be reached`;
    return before !== undefined && brokenBetween(before, hop) === null ? `needs no “${mark}”` : null;
  }
  if (number === 1) return null;
  if (before === undefined || before.number >= number) return `there is no hop ${from} before it`;
  return brokenBetween(before, hop);
}

const text = readProject('docs/walks.md');
const walks = walksOf(text);

for (const { title, counted, hops } of walks) {
  test(`the walk “${title}” is that of the code`, () => {
    assert.deepEqual(
      hops.flatMap((hop) => {
        const fault = faultOf(hop, hops);
        return fault === null ? [] : [`${hop.number}. ${hop.path}: ${fault}`];
      }),
      [],
    );
    assert.deepEqual(
      hops.map(({ number }) => number),
      hops.map((_, index) => index + 1),
    );
    assert.equal(hops.length, counted, 'the number in the heading');
  });
}

test('the table of walks has each walk with its number', () => {
  assert.ok(walks.length >= 6, `${walks.length} walks`);
  const rows = [...text.matchAll(/^\| \(([a-z])\) .*\| +(\d+) \|$/gm)].map((match) => Number(match[2]));
  assert.deepEqual(
    rows,
    walks.map(({ counted }) => counted),
  );
});

test('the check of walks finds what is wrong with one', () => {
  const first = toHop('1. `src/serve/read/answer.ts` → `answerRows`, answers');
  const found = (line: string) => faultOf(toHop(line), [first, toHop(line)]);
  assert.equal(found('2. `src/query/passes.ts` → `planQuery`, plans'), null);
  assert.equal(found('2. `src/query/passes.ts` → `planQuery`, plans (from 1)'), null);
  assert.equal(found('2. `src/engine/pool.ts` → `runQuery`, runs (by an object)'), null);
  const faults: readonly (readonly [string, RegExp])[] = [
    ['2. `src/query/no-such.ts` → `planQuery`, plans', /no such file/],
    ['2. `src/query/passes.ts` → `noSuch`, plans', /declares no function noSuch/],
    ['2. `src/query/passes.ts` → `checkTypes`, types', /does not mention checkTypes/],
    ['2. `src/query/size.ts` → `requireSize`, bounds', /does not import it/],
    ['2. `src/serve/read/answer.ts` → `prepareRead`, plans', /same file as 1,/],
    ['2. `src/query/passes.ts` → `planQuery`, plans (from 7)', /no hop 7 before it/],
    ['2. `src/query/passes.ts` → `planQuery`, plans (by an object)', /needs no “by an object”/],
    ['2. `src/query/passes.ts` → `planQuery`, plans (by magic)', /“by magic” is no way/],
  ];
  for (const [line, fault] of faults) assert.match(found(line) ?? 'no fault', fault, line);
  assert.throws(() => toHop('2. answerRows, answers'), /no hop/);
  assert.throws(() => walksOf('## (a) A walk without its number\n\n1. x\n'), /no heading/);
});
