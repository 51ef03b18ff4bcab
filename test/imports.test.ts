// Who may import whom. The table is the architecture: a folder may import itself and the folders above it in this list.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'node:test';
import { importsOf, parseSource, projectFiles, root } from './source.ts';

/** In dependency order: imports go up to the top of this list, never down it. */
const folders = [
  'base',
  'geo',
  'query',
  'formats',
  'engine',
  'db',
  'store',
  'jobs',
  'mail',
  'people',
  'city',
  'catalogue',
  'publish',
  'records',
  'integrity',
  'serve',
  'dialects',
  'pages',
  'routes',
  'open',
  'cli',
] as const;

/** `sample/` stands beside cli: both may import what is above cli; a first start and the command load the sample. */
const beside: Readonly<Record<string, readonly string[]>> = { open: ['sample'], cli: ['sample'], sample: [] };

/** Pages know the portal by the types of src/pages/ and these alone, and by nothing that runs. */
const typesForPages = [
  'src/base/errors.ts',
  'src/base/form.ts',
  'src/base/say.ts',
  'src/catalogue/dataset.ts',
  'src/catalogue/search-types.ts',
  'src/city/guide.ts',
  'src/city/profile.ts',
  'src/query/column.ts',
];

const isForPages = (path: string): boolean => /^src\/pages\/[\w-]+\.ts$/.test(path) || typesForPages.includes(path);

/** Drivers that one folder alone may import: package → folder. */
const drivers: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['src/engine/'],
  pg: ['src/db/'],
  'drizzle-orm': ['src/db/drizzle.ts'],
  'drizzle-orm/pg-core': ['src/db/drizzle.ts'],
  'drizzle-orm/node-postgres': ['src/db/drizzle.ts'],
  '@aws-sdk/client-s3': ['src/store/'],
  'pg-boss': ['src/jobs/'],
  nodemailer: ['src/mail/'],
  mailparser: ['src/mail/', 'src/records/documents/'],
  fastify: ['src/serve/', 'src/dialects/', 'src/pages/', 'src/routes/', 'src/app.ts', 'src/main.ts'],
  commander: ['src/cli/'],
  'cli-progress': ['src/cli/'],
};

type Edge = { readonly file: string; readonly to: string; readonly typeOnly: boolean };

const files = projectFiles().filter((path) => /^(src|sample|web\/src)\/.*\.(ts|svelte)$/.test(path));
const known = new Set(projectFiles());

function resolveImport(file: string, from: string): string | null {
  if (!from.startsWith('.')) return null;
  return normalize(join(dirname(file), from));
}

const edges: readonly Edge[] = files.flatMap((file) =>
  importsOf(parseSource(file)).flatMap(({ from, typeOnly }) => {
    const to = resolveImport(file, from);
    return to === null ? [] : [{ file, to, typeOnly }];
  }),
);

/** The area a file belongs to: a folder of src, `sample`, or null for the two files that wire everything. */
function areaOf(path: string): string | null {
  if (path === 'src/app.ts' || path === 'src/main.ts') return null;
  const found = /^(?:src\/([^/]+)\/|(sample)\/|(web)\/)/.exec(path);
  assert.ok(found, `${path} lies in no known area`);
  return found[1] ?? found[2] ?? found[3] ?? null;
}

function mayImport(from: string, to: string | null): boolean {
  if (to === null) return from === 'cli'; // only the command line starts the whole portal
  if (from === to) return true;
  if (beside[from]?.includes(to)) return true;
  const rank = (area: string): number => (area === 'sample' ? folders.indexOf('cli') : folders.indexOf(area as never));
  return rank(to) >= 0 && rank(to) < rank(from);
}

/** Parts of a folder that keep an order of their own, the first at the top. */
const partsInOrder: Readonly<Record<string, readonly string[]>> = {
  'src/publish/': ['read'],
  'src/serve/': ['http', 'read'],
  'src/records/': [
    'law',
    'requests',
    'asking',
    'desk',
    'mail',
    'documents',
    'money',
    'release',
    'archive',
    'reports',
    'retention',
  ],
  'src/records/documents/': ['pdf', 'convert'],
};

test('the parts of a folder keep their order, too', () => {
  const wrong = Object.entries(partsInOrder).flatMap(([folder, parts]) => {
    const partOf = (path: string): string | null => {
      const [first = '', second] = path.startsWith(folder) ? path.slice(folder.length).split('/') : [];
      return second === undefined ? null : first;
    };
    return edges.filter(({ file, to }) => {
      const [from, on] = [partOf(file), partOf(to)];
      if (from !== null) assert.ok(parts.includes(from), `${folder}${from} is not in its order`);
      return from !== null && on !== null && parts.indexOf(on) > parts.indexOf(from);
    });
  });
  assert.deepEqual(
    wrong.map(({ file, to }) => `${file} → ${to}`),
    [],
  );
});

test('every folder of src is in the table', () => {
  const present = new Set(files.flatMap((path) => (path.startsWith('src/') ? [areaOf(path)] : [])));
  for (const area of present) if (area !== null) assert.ok(folders.includes(area as never), `src/${area}`);
});

test('imports go one way', () => {
  const wrong = edges.filter(({ file, to }) => {
    const from = areaOf(file);
    if (from === null || from === 'web') return false;
    return !mayImport(from, /^(src|sample|web)\//.test(to) ? areaOf(to) : 'outside');
  });
  assert.deepEqual(
    wrong.map(({ file, to }) => `${file} → ${to}`),
    [],
  );
});

test('dialects do not know one another', () => {
  const dialectOf = (path: string): string | undefined => /^src\/dialects\/([^/]+)\//.exec(path)?.[1];
  const wrong = edges.filter(({ file, to }) => {
    const [own, other] = [dialectOf(file), dialectOf(to)];
    return own !== undefined && other !== undefined && own !== other && other !== 'language';
  });
  assert.deepEqual(
    wrong.map(({ file, to }) => `${file} → ${to}`),
    [],
  );
});

test('a dialect is handed a reader, and never the whole portal', () => {
  const whole = ['src/serve/portal.ts', 'src/db/', 'src/people/', 'src/records/', 'src/store/', 'src/engine/'];
  const wrong = edges.filter(
    ({ file, to }) => file.startsWith('src/dialects/') && whole.some((place) => to.startsWith(place)),
  );
  assert.deepEqual(
    wrong.map(({ file, to }) => `${file} → ${to}`),
    [],
  );
});

test('pages import nothing of src but the types that they are handed', () => {
  const wrong = edges.filter(
    ({ file, to, typeOnly }) => file.startsWith('web/') && !to.startsWith('web/') && !(typeOnly && isForPages(to)),
  );
  assert.deepEqual(
    wrong.map(({ file, to }) => `${file} → ${to}`),
    [],
  );
});

test('a driver is imported by the one folder that owns it', () => {
  const wrong = files
    .filter((file) => !file.startsWith('web/'))
    .flatMap((file) =>
      importsOf(parseSource(file))
        .filter(({ from }) => from in drivers && !drivers[from]?.some((owner) => file.startsWith(owner)))
        .map(({ from }) => `${file} → ${from}`),
    );
  assert.deepEqual(wrong, []);
});

test('every relative import names a file with its ending', () => {
  const wrong = edges.filter(
    ({ file, to }) => !file.startsWith('web/') && !(known.has(to) || existsSync(join(root, to))),
  );
  assert.deepEqual(
    wrong.map(({ file, to }) => `${file} → ${to}`),
    [],
  );
  assert.deepEqual(
    edges.filter(({ file, to }) => !file.startsWith('web/') && !/\.(ts|json)$/.test(to)).map(({ to }) => to),
    [],
  );
});

test('no file needs a file that needs it, not for its types either', () => {
  const next = new Map<string, string[]>();
  for (const { file, to } of edges) next.set(file, [...(next.get(file) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    assert.equal(at, -1, `a circle: ${[...path.slice(at), file].join(' → ')}`);
    if (done.has(file)) return;
    for (const to of next.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) walk(file, []);
});

test('the table itself refuses what it should', () => {
  assert.equal(mayImport('query', 'engine'), false);
  assert.equal(mayImport('engine', 'query'), true);
  assert.equal(mayImport('serve', 'dialects'), false);
  assert.equal(mayImport('routes', 'cli'), false);
  assert.equal(mayImport('sample', 'publish'), true);
  assert.equal(mayImport('sample', 'cli'), false);
  assert.equal(mayImport('cli', 'sample'), true);
  assert.equal(mayImport('serve', null), false);
});
