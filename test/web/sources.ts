// What the tests of the web pages read: every template as Svelte's own syntax tree. It must not change a source.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';

export const root = join(import.meta.dirname, '../..');

export type Template = { readonly path: string; readonly source: string; readonly fragment: Node };
export type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown };

export function readSource(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function sourcePaths(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: root }).sort();
}

export function readTemplates(): readonly Template[] {
  return sourcePaths('web/src/**/*.svelte').map((path) => {
    const source = readSource(path);
    return { path, source, fragment: parse(source, { modern: true }).fragment as unknown as Node };
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Every node below, in no promised order. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) {
    const children: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const child of children) if (isNode(child)) yield* walk(child);
  }
}
