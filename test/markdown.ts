// Reading Markdown the way the tests need it: links, headings' anchors, code within text,
// and the commands of fenced blocks.

import MarkdownIt from 'markdown-it';

type Token = ReturnType<InstanceType<typeof MarkdownIt>['parse']>[number];

function tokensOf(markdown: string): Token[] {
  const flat: Token[] = [];
  for (const token of new MarkdownIt({ html: false, linkify: false }).parse(markdown, {})) {
    flat.push(token, ...(token.children ?? []));
  }
  return flat;
}

/** Targets of links and pictures, in order. */
export function linksOf(markdown: string): readonly string[] {
  return tokensOf(markdown).flatMap((token) => {
    const target =
      token.type === 'link_open' ? token.attrGet('href') : token.type === 'image' ? token.attrGet('src') : null;
    return target === null ? [] : [String(target)];
  });
}

/** What stands in backticks within the text, in order; fenced blocks are none of it. */
export function codesOf(markdown: string): readonly string[] {
  return tokensOf(markdown).flatMap((token) => (token.type === 'code_inline' ? [token.content] : []));
}

/** The anchors that GitHub gives the headings. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const tokens = new MarkdownIt().parse(markdown, {});
  const found = new Set<string>();
  tokens.forEach((token, i) => {
    if (token.type !== 'heading_open') return;
    const text = (tokens[i + 1]?.children ?? []).map((each) => each.content).join('');
    const base = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = base;
    for (let n = 1; found.has(anchor); n++) anchor = `${base}-${n}`;
    found.add(anchor);
  });
  return found;
}

/** The commands of every ```sh block, one each, with continued lines joined. */
export function shellCommandsOf(markdown: string): readonly string[] {
  return tokensOf(markdown)
    .filter((token) => token.type === 'fence' && token.info.trim() === 'sh')
    .flatMap((token) => token.content.replace(/\\\n\s*/g, ' ').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
