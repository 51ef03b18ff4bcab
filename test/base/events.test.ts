// Every kind of event is told by somebody: what a log can hold is what there is to look for in it.

import assert from 'node:assert/strict';
import test from 'node:test';

import ts from 'typescript';

import { parseSource, projectFiles } from '../source.ts';

const union = 'src/base/events.ts';

/** The kinds of the union, as its type names them. */
function kindsOf(source: ts.SourceFile): readonly string[] {
  const type = source.statements.find((each) => ts.isTypeAliasDeclaration(each) && each.name.text === 'PortalEvent');
  assert.ok(type !== undefined);
  return [...type.getText(source).matchAll(/readonly kind: '([a-z-]+)'/gu)].map(([, kind]) => kind ?? '');
}

/** The kinds that a file makes: values of `kind: '…'`, not types. */
function madeBy(source: ts.SourceFile): readonly string[] {
  const made: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText(source) === 'kind' && ts.isStringLiteral(node.initializer)) {
      made.push(node.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return made;
}

/** The line that every request pays for is written by hand, in src/serve/http/log.ts. */
const byHand = ['request-finished'];

test('every kind of event is told somewhere', () => {
  const kinds = kindsOf(parseSource(union));
  assert.ok(kinds.length > 30);
  // The engine has events of its own, of which src/open/engine.ts tells some.
  const files = projectFiles().filter(
    (path) => /^(src|sample)\/.*\.ts$/u.test(path) && !path.startsWith('src/engine/'),
  );
  const made = new Set(files.flatMap((path) => madeBy(parseSource(path))));
  assert.deepEqual(
    kinds.filter((kind) => !made.has(kind)),
    byHand,
  );
});
