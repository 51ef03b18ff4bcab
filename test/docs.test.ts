// The documentation keeps its word: links lead somewhere, commands exist, tables match the code.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, matchesGlob, normalize } from 'node:path';
import test from 'node:test';
import type { Command } from 'commander';
import { exitTable } from '../src/cli/exit.ts';
import { buildProgram, type Actions } from '../src/cli/program.ts';
import { anchorsOf, codesOf, linksOf, shellCommandsOf } from './markdown.ts';
import { projectFiles, readProject, root } from './source.ts';

const all = projectFiles();
const documents = all.filter((path) => /^[A-Z]+\.md$|^(docs|bench|src)\/.*\.md$/.test(path));
/** Pages of the guide link to addresses of the portal; tests of the city hold those. */
const linking = all.filter((path) => path.endsWith('.md') && !path.startsWith('city/'));

const idle = () => Promise.reject(new Error('not run here'));
const program = buildProgram('0.0.0', {
  serve: idle,
  describe: idle,
  publish: idle,
  list: idle,
  show: idle,
  verify: idle,
  backup: idle,
  restore: idle,
  sample: idle,
  createToken: idle,
  listTokens: idle,
  revokeToken: idle,
  invite: idle,
  receiveMail: idle,
  listPeople: idle,
} satisfies Actions);

/** A link's fault in words, or null when it leads somewhere. */
function brokenLink(document: string, link: string): string | null {
  if (/^(https?|mailto):/.test(link)) return URL.canParse(link) ? null : 'not an address';
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? document : normalize(join(dirname(document), path));
  if (target.startsWith('..')) return 'leads out of the project';
  if (!existsSync(join(root, target))) return 'no such file';
  if (anchor === undefined || !target.endsWith('.md')) return null;
  return anchorsOf(readProject(target)).has(anchor) ? null : 'no such heading';
}

test('every link of the documentation leads somewhere', () => {
  assert.ok(linking.length >= documents.length && documents.length >= 15, `${documents.length} documents`);
  const broken = linking.flatMap((document) =>
    linksOf(readProject(document)).flatMap((link) => {
      const fault = brokenLink(document, link);
      return fault === null ? [] : [`${document}: ${link}: ${fault}`];
    }),
  );
  assert.deepEqual(broken, []);
});

test('the link check finds what is broken', () => {
  assert.equal(brokenLink('README.md', 'docs/no-such-file.md'), 'no such file');
  assert.equal(brokenLink('README.md', 'ARCHITECTURE.md#no-such-heading'), 'no such heading');
  assert.equal(brokenLink('README.md', 'ARCHITECTURE.md#read-path'), null);
  assert.equal(brokenLink('docs/cli.md', '../../elsewhere.md'), 'leads out of the project');
});

/** `src/a/b.ts`, `docs/*.md`, `city/<name>/`: a path from the root, with an anchor or line that may follow it. */
const pathShape = /^(?:src|test|docs|bench|web|sample|migrations|bin|city)\/[^:#…]*(?=[:#]|$)/;

/** Paths that a document names in backticks, outside fenced blocks. */
function pathsOf(markdown: string): readonly string[] {
  const words = codesOf(markdown).flatMap((code) => code.split(/\s+/));
  return words.flatMap((word) => pathShape.exec(word)?.[0] ?? []);
}

/** A file or a folder; `<placeholders>` are globs for one name, `[parameters]` of a page's address are none. */
function existsAs(path: string): boolean {
  if (all.includes(path)) return true;
  const glob = path.replace(/\/$/, '').replaceAll(/<[^>]+>/g, '*');
  return all.some((each) => matchesGlob(each, glob) || matchesGlob(each, `${glob}/**`));
}

/** A record of a decision tells of its day; files have moved since. */
const current = documents.filter((path) => !path.startsWith('docs/adr/0'));

test('every path that a document names is there', () => {
  const named = current.flatMap((document) => pathsOf(readProject(document)).map((path) => ({ document, path })));
  assert.ok(named.length > 40, `${named.length} paths`);
  assert.deepEqual(
    named.filter(({ path }) => !existsAs(path)).map(({ document, path }) => `${document}: ${path}`),
    [],
  );
});

test('the path check finds what is not there, and reads globs and placeholders', () => {
  const text = 'See `src/app.ts:12`, `npm test -- test/x.ts`, `docs/`, `/web/x`.\n\n```\nsrc/fenced.ts\n```\n';
  assert.deepEqual(pathsOf(text), ['src/app.ts', 'test/x.ts', 'docs/']);
  assert.equal(existsAs('src/no-such.ts'), false);
  for (const path of ['src/app.ts', 'src/', 'docs/*.md', 'test/**/*.test.ts', 'src/<folder>/', 'src/{app,main}.ts']) {
    assert.ok(existsAs(path), path);
  }
  for (const path of ['docs/*.pdf', 'src/<folder>/no-such.ts', 'src/**/no-such-*.ts', 'src/{up,down}.ts']) {
    assert.equal(existsAs(path), false, path);
  }
});

/** What npm itself does without a script of that name. */
const npmOwn = new Set(['ci', 'install', 'i']);
const npmShort = new Set(['start', 'test']);

test('the npm commands of the documentation exist', () => {
  const { scripts } = JSON.parse(readProject('package.json')) as { scripts: Record<string, string> };
  const named = documents.flatMap((document) =>
    [...readProject(document).matchAll(/\bnpm (run )?([a-z][a-z:]*)/g)].map((match) => ({
      document,
      run: match[1] !== undefined,
      name: match[2] ?? '',
    })),
  );
  assert.ok(named.length > 10);
  const missing = named.filter(({ run, name }) => {
    if (run || npmShort.has(name)) return !(name in scripts);
    return !npmOwn.has(name);
  });
  assert.deepEqual(missing, []);
});

/** The command a line of arguments means, following subcommands; null when there is none of that name. */
function findCommand(words: readonly string[]): Command | null {
  let at: Command = program;
  for (const word of words) {
    if (at.commands.length === 0 || word.startsWith('-')) break;
    const next = at.commands.find((each) => each.name() === word);
    if (next === undefined) return null;
    at = next;
  }
  return at === program ? null : at;
}

test('the portal commands of the documentation exist, with their options', () => {
  const lines = documents.flatMap((document) =>
    shellCommandsOf(readProject(document)).flatMap((line) => {
      const found = /(?:npx portal|npm run portal --|^portal) (.*)$/.exec(line);
      return found === null ? [] : [{ document, line: found[1] ?? '' }];
    }),
  );
  assert.ok(lines.length >= 7);
  for (const { document, line } of lines) {
    const words = line.split(/\s+/);
    const command = findCommand(words);
    assert.ok(command, `${document}: portal ${line}`);
    const known = new Set(command.options.flatMap((option) => [option.long, option.short]));
    for (const [option] of line.replace(/"[^"]*"/g, '""').matchAll(/(?<=\s)--[a-z-]+/g)) {
      assert.ok(known.has(option), `${document}: ${option} of portal ${command.name()}`);
    }
  }
});

test('docs/cli.md lists every command, and the exit codes of the code', () => {
  const text = readProject('docs/cli.md');
  for (const command of program.commands) {
    const names =
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((each) => `${command.name()} ${each.name()}`);
    for (const name of names) assert.match(text, new RegExp(`\`${name}[ \`]`), name);
  }
  const documented = [...text.matchAll(/^\| (\d+)\s+\| (.+?)\s+\|$/gm)].map((match) => [Number(match[1]), match[2]]);
  assert.deepEqual(
    documented,
    Object.values(exitTable).map(([code, sentence]) => [code, sentence]),
  );
});

test('the tables of clocks have the lengths of the law’s data, clock by clock', () => {
  type Clocks = { readonly clocks: readonly { readonly count: string; readonly length: number | null }[] };
  const { versions } = JSON.parse(readProject('city/kent/records/clocks.json')) as { versions: readonly Clocks[] };
  const lengths = versions[0]!.clocks.map(({ count, length }) => {
    if (length === null) return null;
    return `${length} ${length === 1 ? count.replace(/s$/, '') : count.replace('-', ' ')}`;
  });
  for (const document of ['src/records/README.md', 'docs/records-clocks.md']) {
    const rows = readProject(document).match(/^\| C\d+ .*$/gm) ?? [];
    assert.deepEqual(
      rows.map((row) => /\d+ (?:(?:business|calendar) days|years?|hours)(?= )/.exec(row)?.[0] ?? null),
      lengths,
      document,
    );
  }
});

test('every decision is listed, and every listed decision is there', () => {
  const records = projectFiles().filter((path) => /^docs\/adr\/\d{4}-.*\.md$/.test(path));
  const listed = linksOf(readProject('docs/adr/README.md')).map((link) => `docs/adr/${link}`);
  assert.deepEqual(listed, records);
  for (const path of records) {
    const text = readProject(path);
    assert.match(text, new RegExp(`^# ${/\d{4}/.exec(path)?.[0]} — .+\n\nDate: \\d{4}-\\d\\d-\\d\\d · Status: `), path);
    for (const heading of ['## Decision', '## Why', '## Cost'])
      assert.ok(text.includes(heading), `${path}: ${heading}`);
  }
});
