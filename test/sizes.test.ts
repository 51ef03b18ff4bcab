// The house rules that a machine can hold: sizes, names, and the few things that only one file may touch.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import test from 'node:test';
import ts from 'typescript';
import { parseSource, projectFiles, readProject } from './source.ts';

const greatestFile = 500;
const greatestFunction = 70;
const mostParameters = 5;

/** Tables of words and rules may be longer: reading them in one place is the point. */
const tables: Readonly<Record<string, string>> = {
  'src/query/functions.ts': 'the table of every function of the query languages',
};

const forbiddenFolders = ['helpers', 'utils', 'common', 'services', 'controllers', 'models', 'types', 'repositories'];
const forbiddenWords = /(^|-)(helper|util|utils|common|manager|handler)s?(-|\.)/;

/** Who may do what nobody else may. */
const allowed = {
  'process.env': ['src/base/config.ts'],
  time: ['src/base/clock.ts'],
  console: [] as readonly string[],
} as const;

const all = projectFiles();
const code = all.filter(
  (path) => /^(src|sample|bench|test|web|bin)\/.*\.(ts|js)$/.test(path) && !path.endsWith('.d.ts'),
);
const product = code.filter((path) => /^(src|sample)\//.test(path));

test('no file hands on what another one has, but for the types that pages are handed', () => {
  const barrels = code.filter((path) => /^export (?!type )(\*|\{[^}]*\} from)/mu.test(readProject(path)));
  assert.deepEqual(barrels, []);
});

test('no file is longer than 500 lines, tables excepted', () => {
  const sources = [...code, ...all.filter((path) => /^web\/.*\.(svelte|css)$/.test(path))];
  const long = sources
    .filter((path) => !(path in tables))
    .map((path) => ({ path, lines: readProject(path).split('\n').length }))
    .filter(({ lines }) => lines > greatestFile);
  assert.deepEqual(long, []);
});

const widest = 120;

/** Of a text that makes its line long, so much at least stands on it. */
const longText = 60;

/**
 * Lines that a long text is on: a string, a template or a pattern cannot be broken where it is too long. SQL for
 * PostgreSQL can, between any two words.
 */
function textLines(source: ts.SourceFile): ReadonlySet<number> {
  const lines = new Set<number>();
  const starts = source.getLineStarts();
  const isSql = (node: ts.Node): boolean =>
    ts.isTaggedTemplateExpression(node.parent) && node.parent.tag.getText(source) === 'sql';
  const visit = (node: ts.Node): void => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isRegularExpressionLiteral(node);
    if (isText && !isSql(node)) {
      const [from, to] = [node.getStart(source), node.getEnd()];
      const line = (at: number): number => source.getLineAndCharacterOfPosition(at).line;
      for (let at = line(from); at <= line(to); at++) {
        const [begin, end] = [starts[at] ?? 0, starts[at + 1] ?? to];
        if (Math.min(to, end) - Math.max(from, begin) >= longText) lines.add(at);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lines;
}

test('no line is longer than 120 characters but for a text that stands in it', () => {
  const wide = code.flatMap((path) => {
    const lines = readProject(path).split('\n');
    if (lines.every((line) => line.length <= widest)) return [];
    const texts = textLines(parseSource(path));
    return lines.flatMap((line, at) => (line.length > widest && !texts.has(at) ? [`${path}:${at + 1}`] : []));
  });
  assert.deepEqual(wide, []);
});

test('no line of a page or a style sheet is longer than 120 characters', () => {
  const wide = all
    .filter((path) => /^web\/.*\.(svelte|css)$/.test(path))
    .flatMap((path) =>
      readProject(path)
        .split('\n')
        .flatMap((line, at) => (line.length > widest ? [`${path}:${at + 1}`] : [])),
    );
  assert.deepEqual(wide, []);
});

type Found = { readonly path: string; readonly line: number; readonly what: string };

function findAll(path: string, look: (node: ts.Node, source: ts.SourceFile) => string | null): Found[] {
  const source = parseSource(path);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    const what = look(node, source);
    if (what !== null) {
      found.push({ path, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, what });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A name for a function that is too long, or null when it is not one or not too long. */
function longFunction(node: ts.Node, source: ts.SourceFile): string | null {
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return null;
  const line = (at: number): number => source.getLineAndCharacterOfPosition(at).line;
  const lines = line(node.getEnd()) - line(node.getStart(source)) + 1;
  return lines > greatestFunction ? `${node.name?.getText(source) ?? 'a function'}: ${lines} lines` : null;
}

test('no function is longer than 70 lines', () => {
  const paths = code.filter((path) => !path.startsWith('test/'));
  assert.deepEqual(
    paths.flatMap((path) => findAll(path, longFunction)),
    [],
  );
});

/** A name for a function, or the type of one, that takes too much at once, or null. */
function manyParameters(node: ts.Node, source: ts.SourceFile): string | null {
  if (!ts.isFunctionLike(node) || node.parameters.length <= mostParameters) return null;
  return `${node.name?.getText(source) ?? 'a function'}: ${node.parameters.length} parameters`;
}

test('no function takes more than five parameters: what belongs together is a record with a name', () => {
  const paths = code.filter((path) => !path.startsWith('test/'));
  assert.deepEqual(
    paths.flatMap((path) => findAll(path, manyParameters)),
    [],
  );
});

function takesEffects({ name, type }: ts.ParameterDeclaration, source: ts.SourceFile): boolean {
  if (name.getText(source) === 'effects') return true;
  return type !== undefined && /^(Pick<)?\w*Effects\b/.test(type.getText(source));
}

/** A name for a function that takes something after `effects`, or null. */
function earlyEffects(node: ts.Node, source: ts.SourceFile): string | null {
  if (!ts.isFunctionLike(node)) return null;
  const isEarly = node.parameters.slice(0, -1).some((parameter) => takesEffects(parameter, source));
  return isEarly ? (node.name?.getText(source) ?? 'a function') : null;
}

test('`effects` is the last parameter', () => {
  const paths = code.filter((path) => !path.startsWith('test/'));
  assert.deepEqual(
    paths.flatMap((path) => findAll(path, earlyEffects)),
    [],
  );
});

function anyType(node: ts.Node): string | null {
  return node.kind === ts.SyntaxKind.AnyKeyword ? 'any' : null;
}

test('nothing has the type any', () => {
  const paths = code.filter((path) => path.endsWith('.ts'));
  assert.deepEqual(
    paths.flatMap((path) => findAll(path, anyType)),
    [],
  );
});

/**
 * What a schema says of a request is its type (src/serve/typed-app.ts); a cast would say it a second time, unproven.
 */
function castOfRequest(node: ts.Node): string | null {
  if (!ts.isAsExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const { name, expression } = node.expression;
  const isRequest = ts.isIdentifier(expression) && ['request', 'asked'].includes(expression.text);
  return isRequest && ['params', 'query', 'body'].includes(name.text) ? node.getText() : null;
}

test('routes take the types of a request from its schemas', () => {
  const paths = product.filter((path) => /^src\/(routes|dialects)\//.test(path));
  assert.deepEqual(
    paths.flatMap((path) => findAll(path, castOfRequest)),
    [],
  );
});

function reserved(node: ts.Node, source: ts.SourceFile): keyof typeof allowed | null {
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText(source);
    if (text === 'process.env') return 'process.env';
    if (text === 'Date.now') return 'time';
    if (ts.isIdentifier(node.expression) && node.expression.text === 'console') return 'console';
  }
  if (ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && !node.arguments?.length) return 'time';
  if (ts.isCallExpression(node) && node.expression.getText(source) === 'Date') return 'time';
  return null;
}

test('only the clock reads the time, only the configuration reads the environment, nobody writes to the console', () => {
  const wrong = product.flatMap((path) =>
    findAll(path, reserved).filter(({ what }) => {
      const files: readonly string[] = allowed[what as keyof typeof allowed];
      return !files.includes(path);
    }),
  );
  assert.deepEqual(wrong, []);
});

test('exports have names, and nothing but an error or something closable is a class', () => {
  const wrong = product.flatMap((path) =>
    findAll(path, (node, source) => {
      if (ts.isExportAssignment(node)) return 'export default';
      if (
        ts.canHaveModifiers(node) &&
        ts.getModifiers(node)?.some((each) => each.kind === ts.SyntaxKind.DefaultKeyword)
      ) {
        return 'export default';
      }
      if (!ts.isClassLike(node)) return null;
      const extendsError = node.heritageClauses?.some((clause) => /Error\b/.test(clause.getText(source))) ?? false;
      const extendsStream = node.heritageClauses?.some((clause) =>
        /Stream|Transform|Duplex/.test(clause.getText(source)),
      );
      const closable = node.members.some((member) =>
        /^(close|stop|\[Symbol\.(async)?[dD]ispose\])$/.test(member.name?.getText(source) ?? ''),
      );
      return extendsError || extendsStream || closable ? null : `class ${node.name?.text ?? ''}`;
    }),
  );
  assert.deepEqual(wrong, []);
});

test('folders and files have names that say something', () => {
  const folders = new Set(all.flatMap((path) => path.split('/').slice(0, -1)));
  assert.deepEqual(
    forbiddenFolders.filter((name) => folders.has(name)),
    [],
  );
  const sources = all.filter((path) => /^(src|sample|bench|test)\/.*\.ts$/.test(path));
  assert.deepEqual(
    sources.filter((path) => forbiddenWords.test(basename(path))),
    [],
  );
  assert.deepEqual(
    sources.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(basename(path))),
    [],
    'kebab-case',
  );
});

test('a file of src or sample opens with what it owns', () => {
  assert.deepEqual(
    product.filter((path) => !/^(#!.*\n)?\/\/ \S/.test(readProject(path))),
    [],
  );
});

test('nothing in the project names the machine it was written on', () => {
  const text = all.filter(
    (path) => /\.(ts|js|md|json|svelte|css|sql|ya?ml|html)$/.test(path) && path !== 'package-lock.json',
  );
  const wrong = text.filter((path) => /(^|[^\w.}])\/(work|root|home\/\w+)\//.test(readProject(path)));
  assert.deepEqual(
    wrong.filter((path) => path !== 'test/sizes.test.ts'),
    [],
  );
});

test('the rules find what they look for', () => {
  const look = (text: string, rule: (node: ts.Node, source: ts.SourceFile) => string | null): boolean => {
    const source = ts.createSourceFile('probe.ts', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
    let found = false;
    const visit = (node: ts.Node): void => {
      found ||= rule(node, source) !== null;
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  };
  assert.ok(look('const x: any = 1', anyType));
  assert.ok(!look('const any = 1', anyType));
  assert.ok(look('const { id } = request.params as { id: string }', castOfRequest));
  assert.ok(!look('const { id } = request.params', castOfRequest));
  assert.ok(look('const t = Date.now()', reserved));
  assert.ok(look('const t = new Date()', reserved));
  assert.ok(!look('const t = new Date(5)', reserved));
  assert.ok(look('console.log(1)', reserved));
  assert.ok(look('const h = process.env.HOME', reserved));
  assert.ok(look(`function long() {${'\n'.repeat(71)}}`, longFunction));
  assert.ok(!look(`function short() {${'\n'.repeat(60)}}`, longFunction));
  for (const many of ['a, b, c, d, e, f', '{ a }, b, c, d, e = 1, ...f']) {
    assert.ok(look(`function many(${many}) {}`, manyParameters));
    assert.ok(look(`const many = (${many}) => 1`, manyParameters));
    assert.ok(look(`const one = { many(${many}) {} }`, manyParameters));
    assert.ok(look(`class One { constructor(${many}) {} }`, manyParameters));
  }
  assert.ok(look('type Many = (a: 1, b: 1, c: 1, d: 1, e: 1, f: 1) => void', manyParameters));
  assert.ok(!look('function few({ a, b, c }, d, e, f, g) {}', manyParameters));
  assert.ok(look('function early(effects: Effects, signal?: AbortSignal) {}', earlyEffects));
  assert.ok(look('const early = ({ clock }: Effects, name: string) => clock', earlyEffects));
  assert.ok(look("type Early = { run(by: Pick<Effects, 'clock'>, name: string): void }", earlyEffects));
  assert.ok(!look('function last(name: string, effects: PublishEffects) {}', earlyEffects));
  assert.ok(!look('function none(effectiveFrom: string, name: string) {}', earlyEffects));
});
