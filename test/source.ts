// Reading the project's own source for the tests that hold its rules. Only what git would carry is looked at.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

export const root = resolve(import.meta.dirname, '..');

/** Paths from the root, with `/`, of every file that is tracked or new and not ignored. */
export function projectFiles(): readonly string[] {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (listed.status !== 0) throw new Error(`git ls-files: ${listed.stderr || String(listed.error)}`);
  return [...new Set(listed.stdout.split('\n'))].filter((path) => path !== '' && existsSync(join(root, path))).sort();
}

export function readProject(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export type SourceImport = { readonly from: string; readonly typeOnly: boolean };

export function parseSource(path: string): ts.SourceFile {
  const text = path.endsWith('.svelte') ? scriptsOf(readProject(path)) : readProject(path);
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

function scriptsOf(component: string): string {
  return [...component.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n');
}

/**
 * Every module a file names: imports, re-exports, dynamic imports, import types and `new URL('…', import.meta.url)`.
 */
export function importsOf(source: ts.SourceFile): readonly SourceImport[] {
  const found: SourceImport[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ from: node.moduleSpecifier.text, typeOnly: isTypeOnly(node.importClause) });
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ from: node.moduleSpecifier.text, typeOnly: node.isTypeOnly });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push({ from: (node.argument.literal as ts.StringLiteral).text, typeOnly: true });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) found.push({ from: argument.text, typeOnly: false });
    } else if (ts.isNewExpression(node) && node.expression.getText(source) === 'URL') {
      const [argument] = node.arguments ?? [];
      if (argument && ts.isStringLiteralLike(argument) && argument.text.endsWith('.ts')) {
        found.push({ from: argument.text, typeOnly: false });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}
