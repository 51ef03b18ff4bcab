// What an OpenDocument file shows: paragraphs, tables, slides; deleted, hidden, annotated and noted text apart.
// It must take a table whose style hides it for hidden.

import type { OfficeText } from './office-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Block } from './text-pages.ts';
import { attributeOf, readXml } from './xml-tokens.ts';
import type { XmlToken } from './xml-tokens.ts';
import type { ZipFile } from './zip-file.ts';

/** Elements whose text no reader of the page sees, and what it is. */
const apart: Readonly<Record<string, HiddenItem['kind']>> = {
  'tracked-changes': 'deleted-text',
  annotation: 'comment',
  notes: 'notes',
  'hidden-text': 'hidden-text',
  'hidden-paragraph': 'hidden-text',
};
const mostRepeats = 100;

export function readOpenDocument(zip: ZipFile): OfficeText {
  const content = zip.read('content.xml');
  if (content === null) throw new FileError('corrupt', 'no content in it');
  if (zip.read('META-INF/manifest.xml')?.includes('encryption-data') === true) throw new FileError('password');
  const hiddenStyles = readHiddenStyles(content);
  const blocks: Block[] = [];
  const hidden: HiddenItem[] = [];
  let line = '';
  let aside: {
    readonly kind: HiddenItem['kind'];
    readonly where: string;
    readonly name: string;
    depth: number;
    text: string;
  } | null = null;
  let inBody = false;
  const say = (text: string) => {
    if (aside !== null) aside.text += text;
    else line += text;
  };
  for (const token of readXml(content)) {
    if (token.kind !== 'text' && token.name === 'body') inBody = token.kind === 'open';
    if (!inBody) continue;
    if (token.kind === 'text') {
      say(token.text.replaceAll(/\s+/gu, ' '));
      continue;
    }
    if (aside !== null && token.name === aside.name) aside.depth += token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
    if (aside !== null && aside.depth === 0) {
      if (aside.text.trim() !== '') hidden.push({ kind: aside.kind, where: aside.where, text: aside.text.trim() });
      aside = null;
      continue;
    }
    if (aside === null && token.kind === 'open' && !token.isEmpty) {
      const kind = hiddenKind(token, hiddenStyles);
      if (kind !== null)
        aside = {
          kind,
          where: attributeOf(token.attributes, 'name') ?? token.name,
          name: token.name,
          depth: 1,
          text: '',
        };
    }
    if (endsLine(token)) {
      if (aside !== null) aside.text += '\n';
      else if (line.trim() !== '' && token.name !== 'table-cell') {
        blocks.push({ style: token.name === 'h' ? 'heading' : 'text', text: line.trim() });
        line = '';
      }
    } else if (token.kind === 'open') say(toSpace(token));
    if (token.kind === 'close' && token.name === 'table-cell') say('  |  ');
  }
  return { blocks, hidden };
}

/** In a table a paragraph does not end the line; the row does. */
function endsLine(token: XmlToken): boolean {
  return token.kind === 'close' && ['p', 'h', 'table-row', 'page', 'table'].includes(token.name);
}

function toSpace(token: Extract<XmlToken, { kind: 'open' }>): string {
  if (token.name === 's')
    return ' '.repeat(Math.min(mostRepeats, Number(attributeOf(token.attributes, 'c') ?? 1) || 1));
  if (token.name === 'tab') return '    ';
  return token.name === 'line-break' ? '\n' : '';
}

function hiddenKind(
  token: Extract<XmlToken, { kind: 'open' }>,
  styles: ReadonlySet<string>,
): HiddenItem['kind'] | null {
  const { name, attributes } = token;
  const known = apart[name];
  if (known !== undefined) return known;
  const style = attributeOf(attributes, 'style-name');
  if (name === 'table' && style !== null && styles.has(style)) return 'hidden-sheet';
  if (name === 'page' && style !== null && styles.has(style)) return 'hidden-sheet';
  if (name === 'span' && style !== null && styles.has(style)) return 'hidden-text';
  const visibility = attributeOf(attributes, 'visibility');
  return name === 'table-row' && visibility !== null && visibility !== 'visible' ? 'hidden-rows' : null;
}

/** Names of styles that say: not shown. */
function readHiddenStyles(content: Buffer): ReadonlySet<string> {
  const styles = new Set<string>();
  let name = '';
  for (const token of readXml(content)) {
    if (token.kind !== 'open') continue;
    if (token.name === 'style') name = attributeOf(token.attributes, 'name') ?? '';
    else if (token.name.endsWith('-properties')) {
      const isHidden =
        attributeOf(token.attributes, 'display') === 'none' ||
        (token.name === 'table-properties' && attributeOf(token.attributes, 'display') === 'false') ||
        attributeOf(token.attributes, 'visibility') === 'hidden';
      if (isHidden) styles.add(name);
    }
  }
  return styles;
}
