// The few signs of a letter's template: {{field}}, {{#field}}…{{/field}} where there is one, {{^field}}…{{/field}}
// where there is none; a list repeats its part. It must read a value once only: what people wrote is never a template.

export type Scope = { readonly [name: string]: string | boolean | null | readonly Scope[] };

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'section'; readonly name: string; readonly inverse: boolean; readonly parts: readonly Part[] };

/** Throws Error for a sign that is not closed, or a name that the scope does not have. */
export function renderTemplate(template: string, scope: Scope): string {
  const text = renderParts(parseTemplate(template, fail), [scope]);
  return text.replace(/[ \t]+\n/g, '\n').replace(/\n{3,}/g, '\n\n');
}

function fail(problem: string): never {
  throw new Error(`a letter's template ${problem}`);
}

/** Every name that a template uses. Calls `refuse` with what is wrong with its signs. */
export function namesIn(template: string, refuse: (problem: string) => never): readonly string[] {
  const names = new Set<string>();
  const walk = (parts: readonly Part[]): void => {
    for (const part of parts) {
      if (part.kind !== 'text') names.add(part.name);
      if (part.kind === 'section') walk(part.parts);
    }
  };
  walk(parseTemplate(template, refuse));
  return [...names];
}

/** A section's sign alone on its line takes the line with it. */
const sign = /(?:^[ \t]*(\{\{[#^/][\w-]+\}\})[ \t]*\n)|(\{\{[#^/]?[\w-]+\}\})/gm;

function parseTemplate(template: string, refuse: (problem: string) => never): readonly Part[] {
  const stack: { name: string; inverse: boolean; parts: Part[] }[] = [{ name: '', inverse: false, parts: [] }];
  const top = () => stack[stack.length - 1]!;
  let at = 0;
  const addText = (text: string): void => {
    if (/\{\{|\}\}/.test(text)) refuse(`has a sign that cannot be read near “${text.trim().slice(0, 40)}”`);
    if (text !== '') top().parts.push({ kind: 'text', text });
  };
  for (const found of template.matchAll(sign)) {
    addText(template.slice(at, found.index));
    at = found.index + found[0].length;
    const inner = (found[1] ?? found[2] ?? '').slice(2, -2);
    const mark = inner.charAt(0);
    const name = inner.replace(/^[#^/]/, '');
    if (mark === '#' || mark === '^') stack.push({ name, inverse: mark === '^', parts: [] });
    else if (mark === '/') {
      const closed = stack.length > 1 && top().name === name ? stack.pop() : refuse(`closes “${name}” wrongly`);
      top().parts.push({ kind: 'section', ...closed! });
    } else top().parts.push({ kind: 'field', name });
  }
  addText(template.slice(at));
  if (stack.length > 1) refuse(`does not close “${top().name}”`);
  return top().parts;
}

function renderParts(parts: readonly Part[], scopes: readonly Scope[]): string {
  return parts.map((part) => renderPart(part, scopes)).join('');
}

function renderPart(part: Part, scopes: readonly Scope[]): string {
  if (part.kind === 'text') return part.text;
  const value = lookUp(part.name, scopes);
  if (part.kind === 'field') {
    if (typeof value !== 'string') throw new Error(`a letter's template shows ${part.name}, which is no text here`);
    return value;
  }
  const isThere = Array.isArray(value) ? value.length > 0 : value !== null && value !== false;
  if (part.inverse) return isThere ? '' : renderParts(part.parts, scopes);
  if (!isThere) return '';
  if (!Array.isArray(value)) return renderParts(part.parts, scopes);
  // A list that only says whether there is anything is not repeated: its part uses no field of an item.
  const items = value as readonly Scope[];
  const own = Object.keys(items[0] ?? {});
  if (!usesAny(part.parts, own, part.name)) return renderParts(part.parts, scopes);
  return items.map((item) => renderParts(part.parts, [item, ...scopes])).join('');
}

/** Not within a part of the same list: there the items are told, and the part around it is their heading. */
function usesAny(parts: readonly Part[], names: readonly string[], list: string): boolean {
  return parts.some((part) => {
    if (part.kind === 'text') return false;
    if (names.includes(part.name)) return true;
    return part.kind === 'section' && part.name !== list && usesAny(part.parts, names, list);
  });
}

function lookUp(name: string, scopes: readonly Scope[]): Scope[string] {
  const scope = scopes.find((each) => Object.hasOwn(each, name));
  if (scope === undefined) throw new Error(`a letter's template uses ${name}, which it is not given`);
  return scope[name]!;
}
