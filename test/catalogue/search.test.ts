// Search on a real PostgreSQL: stems, parts of words, typing errors, columns, phrases, facets, reasons, cost.
// It must not test PostgreSQL's ranking to the digit, only what a person would call wrong.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Catalogue, openCatalogue } from '../../src/catalogue/datasets.ts';
import { releaseRevision } from '../../src/catalogue/release.ts';
import type { FacetName, SearchQuery, SearchResult } from '../../src/catalogue/search-types.ts';
import { editDistance, toIndexedWords, toWords } from '../../src/catalogue/words.ts';
import { openTestDatabase, type TestDatabase } from '../database.ts';
import { processorMsOf } from '../processor.ts';
import { machine, makeColumn, makeRelease } from './releases.ts';

const plain: SearchQuery = {
  q: null,
  department: [],
  theme: [],
  format: [],
  licence: [],
  cadence: [],
  map: null,
  sort: 'relevance',
  limit: 20,
  offset: 0,
};

const shelf = [
  makeRelease('building-permits', 'a', {
    title: 'Building permits',
    theme: 'Permitting',
    keywords: ['construction'],
    department: 'planning',
    cadence: 'daily',
    rows: 9000,
    description: 'Permits issued for construction in the city.',
    licence: { id: 'CC0-1.0', name: 'CC0 1.0', url: null },
    columns: [
      makeColumn('permit_number'),
      makeColumn('issuedDate', 'text', 'IssuedDate'),
      makeColumn('geom', 'geometry'),
    ],
  }),
  makeRelease('parks', 'b', {
    title: 'City parks',
    theme: 'Recreation',
    department: 'parks-dept',
    description: 'Green places, with a café in some.',
    columns: [makeColumn('park_name'), makeColumn('acres', 'integer'), makeColumn('geom', 'geometry')],
  }),
  makeRelease('house-sales', 'c', {
    title: 'House sales',
    theme: 'Property',
    department: 'planning',
    cadence: 'annual',
    rows: 21613,
    description: 'Every sale of a house. Sales of land are elsewhere.',
    licence: { id: 'CC0-1.0', name: 'CC0 1.0', url: null },
    columns: [
      makeColumn('price', 'integer'),
      makeColumn('sqft_living', 'integer', 'Living area'),
      makeColumn('zipcode'),
    ],
  }),
  makeRelease('streetlights', 'd', {
    title: 'Streetlights',
    theme: 'Streets',
    department: 'public-works',
    description: 'Poles and lamps.',
    columns: [makeColumn('pole_id'), makeColumn('wattage', 'integer')],
  }),
  makeRelease('vendor-payments', 'e', {
    title: 'Vendor payments',
    theme: 'Finance',
    department: 'finance',
    description: 'What the city paid, and for which permit.',
    columns: [makeColumn('vendor'), makeColumn('amount', 'integer')],
  }),
];

describe('search', () => {
  let catalogue: Catalogue;
  const cleaning: (() => Promise<void>)[] = [];
  before(async () => {
    const database = await openTestDatabase({ after: (done) => void cleaning.push(done) });
    catalogue = await openCatalogue(database, database.effects);
    for (const release of shelf) await catalogue.release(machine, release);
  });
  after(async () => {
    await catalogue.close();
    for (const clean of cleaning) await clean();
  });

  const ask = (q: string, more: Partial<SearchQuery> = {}): Promise<SearchResult> =>
    catalogue.search({ ...plain, q, ...more });
  const ids = async (q: string, more: Partial<SearchQuery> = {}): Promise<readonly string[]> =>
    (await ask(q, more)).hits.map((hit) => hit.id);

  test('stems: the title outranks the description', async () => {
    assert.deepEqual(await ids('permitting'), ['building-permits', 'vendor-payments']);
    assert.deepEqual(await ids('permit'), ['building-permits', 'vendor-payments']);
    assert.deepEqual(await ids('sale'), ['house-sales']);
  });

  test('column names are found, apart and as written', async () => {
    for (const q of ['sqft_living', 'sqft living', 'Living area', 'zipcode'])
      assert.deepEqual(await ids(q), ['house-sales'], q);
    for (const q of ['issued date', 'issuedDate', 'issueddate', 'permit_number'])
      assert.equal((await ids(q))[0], 'building-permits', q);
    const [hit] = (await ask('wattage')).hits;
    assert.deepEqual(hit?.reasons, [{ field: 'column', text: 'wattage', how: 'words' }]);
  });

  test('parts of words are found, at the beginning and inside', async () => {
    assert.deepEqual(await ids('constr'), ['building-permits']);
    const light = await ask('light');
    assert.deepEqual(
      light.hits.map((hit) => hit.id),
      ['streetlights'],
    );
    assert.equal(light.hits[0]?.reasons[0]?.how, 'partial');
    assert.deepEqual(await ids('wa'), ['streetlights']);
  });

  test('typing errors are forgiven, said, and corrected', async () => {
    for (const [typed, meant, id] of [
      ['bulding permts', 'building permits', 'building-permits'],
      ['prak', 'park', 'parks'],
      ['strretlights', 'streetlights', 'streetlights'],
      ['vendro', 'vendor', 'vendor-payments'],
    ] as const) {
      const result = await ask(typed);
      assert.equal(result.hits[0]?.id, id, typed);
      assert.equal(result.hits[0]?.reasons[0]?.how, 'similar', typed);
      assert.equal(result.didYouMean, meant, typed);
    }
    assert.equal((await ask('parks')).didYouMean, null);
    assert.equal((await ask('parks')).match, 'all');
    assert.equal((await ask('prak')).match, 'similar');
  });

  test('a right word that is nowhere is not taken for another one', async () => {
    // police → place, prices; arrest → acres; camera → came; the first letter; short words
    for (const q of ['police', 'arrest', 'warns', 'larks', 'pail', 'salt', 'lamb', 'body camera', 'hale', 'spark']) {
      const result = await ask(q);
      assert.deepEqual([result.hits.map(({ id }) => id), result.didYouMean], [[], null], q);
    }
  });

  test('what holds only some of the words is said to', async () => {
    const some = await ask('construction of bridges');
    assert.deepEqual([some.hits.map(({ id }) => id), some.match], [['building-permits'], 'some']);
  });

  test('a careful search guesses nothing: words as they are, and two of several', async () => {
    const careful = (q: string) => ids(q, { careful: true });
    assert.deepEqual(await careful('constr'), []);
    assert.deepEqual(await careful('bulding permts'), []);
    assert.deepEqual(await careful('permits'), ['building-permits', 'vendor-payments']);
    assert.deepEqual(await careful('arrest video permits'), [], 'one word of three says too little');
    assert.deepEqual(await careful('video permits'), []);
    assert.deepEqual(await careful('every building permit'), ['building-permits']);
    assert.deepEqual(await careful('building permit video arrest'), ['building-permits']);
  });

  test('accents, case and possessives make no difference', async () => {
    for (const q of ['cafe', 'CAFÉ', 'Cafe’s']) assert.deepEqual(await ids(q), ['parks'], q);
  });

  test('all words must be there; if no dataset has them all, some will do', async () => {
    assert.deepEqual(await ids('house price'), ['house-sales']);
    assert.deepEqual(
      await ids('which of the houses have wattage'),
      ['house-sales', 'streetlights'].toSorted(),
      'any word',
    );
    assert.deepEqual(await ids('zzzzqqqq'), []);
    assert.equal((await ask('zzzzqqqq')).total, 0);
  });

  test('phrases, exclusions, and nothing but words that say nothing', async () => {
    assert.deepEqual(await ids('"house sales"'), ['house-sales']);
    assert.deepEqual(await ids('permit -vendor'), ['building-permits']);
    assert.deepEqual(await ids('of the permits'), await ids('permits'));
    assert.ok((await ask('the of')).total > 0, 'no other words: then these count');
    assert.equal((await ask('  ')).total, 5);
    assert.equal((await ask('-permit')).total, 3);
  });

  test('an id or code leads straight to its dataset', async () => {
    assert.equal((await ids('house-sales'))[0], 'house-sales');
    assert.deepEqual(await ids(catalogue.view('parks')?.code ?? ''), ['parks']);
  });

  test('hostile text is only text', async () => {
    for (const q of [
      "'",
      "' & !",
      ':*',
      "a' | 'b",
      '\\',
      '<->',
      '"',
      '((',
      '\0',
      '%',
      '_',
      '🏠',
      "'; drop table datasets; --",
      'x'.repeat(5000),
    ])
      assert.ok((await ask(q)).total >= 0, q);
    assert.equal((await ask('')).total, 5);
  });

  const facet = (result: SearchResult, name: FacetName): Readonly<Record<string, number>> =>
    Object.fromEntries(result.facets[name].map((value) => [value.value, value.count]));

  test('each facet is counted over what the others leave, its own choice left out', async () => {
    const all = await catalogue.search(plain);
    assert.deepEqual(facet(all, 'department'), { planning: 2, finance: 1, 'parks-dept': 1, 'public-works': 1 });
    assert.deepEqual(facet(all, 'licence'), { 'not-specified': 3, 'CC0-1.0': 2 });
    assert.deepEqual(facet(all, 'cadence'), { 'not-specified': 3, annual: 1, daily: 1 });
    assert.deepEqual(facet(all, 'map'), { false: 3, true: 2 });
    assert.deepEqual(facet(all, 'format'), { csv: 5, json: 5, ndjson: 5, parquet: 5, geojson: 2 });
    assert.equal(all.facets.licence.find((value) => value.value === 'CC0-1.0')?.label, 'CC0 1.0');
    const chosen = await catalogue.search({ ...plain, department: ['planning'], map: true });
    assert.equal(chosen.total, 1);
    assert.deepEqual(facet(chosen, 'department'), { planning: 1, 'parks-dept': 1 });
    assert.deepEqual(facet(chosen, 'map'), { false: 1, true: 1 });
    assert.equal(chosen.facets.department.find((value) => value.value === 'planning')?.selected, true);
    const none = await catalogue.search({ ...plain, theme: ['Streets'], department: ['finance', "x'"] });
    assert.equal(none.total, 0);
    assert.deepEqual(facet(none, 'department'), { 'public-works': 1, finance: 0, "x'": 0 });
    assert.equal((await catalogue.search({ ...plain, licence: ['not-specified'] })).total, 3);
    assert.equal((await catalogue.search({ ...plain, format: ['geojson'] })).total, 2);
  });

  test('sorting and paging', async () => {
    assert.deepEqual((await ids('', { sort: 'title' })).slice(0, 2), ['building-permits', 'parks']);
    assert.deepEqual((await ids('', { sort: 'rows' })).slice(0, 2), ['house-sales', 'building-permits']);
    assert.deepEqual((await ids('', { sort: 'updated' }))[0], 'vendor-payments');
    assert.deepEqual(await ids('', { sort: 'title', limit: 2, offset: 4 }), ['vendor-payments']);
  });

  test('every hit says why', async () => {
    const result = await ask('permit city');
    for (const hit of result.hits) assert.ok(hit.reasons.length > 0, hit.id);
    const [first] = result.hits;
    assert.ok(first?.reasons.some((reason) => reason.field === 'title' && reason.text === 'Building permits'));
  });
});

test('words are taken apart and compared', () => {
  assert.deepEqual(toWords("PermitType permit_type HTTPServer2 Clerk's"), [
    'permit',
    'type',
    'permit',
    'type',
    'http',
    'server2',
    'clerk',
  ]);
  assert.deepEqual(toIndexedWords('GitHub'), ['git', 'hub', 'github']);
  assert.equal(editDistance('prak', 'park', 2), 1);
  assert.equal(editDistance('kitten', 'sitting', 3), 3);
  assert.equal(editDistance('a', 'abcdef', 2), 3);
});

test('5,000 datasets: a search is little work', async (t) => {
  const database = await openTestDatabase(t);
  const things = ['permit', 'inspection', 'park', 'street', 'water', 'budget', 'crash', 'zoning', 'library', 'bus'];
  const kinds = [
    'requests',
    'counts',
    'locations',
    'history',
    'areas',
    'fees',
    'schedule',
    'violations',
    'assets',
    'survey',
  ];
  for (let i = 0; i < 2; i += 1) {
    const [thing, kind] = [things[i % 10] ?? '', kinds[Math.floor(i / 10) % 10] ?? ''];
    await releaseRevision(
      database.db,
      machine,
      makeRelease(`set-${i}`, `c${i}`, { title: `${thing} ${kind} ${i}` }),
      database.effects,
    );
  }
  await database.pool.query(makeMany);
  await database.pool.query('analyze');
  const catalogue = await openCatalogue(database, database.effects);
  t.after(() => catalogue.close());
  assert.equal(catalogue.list({ limit: 1, after: null }).total, 5002);
  const words = [
    'permit',
    'water quality',
    'bulding permts',
    'str',
    'sqft_living',
    '"park area"',
    'zzzz',
    '',
    'the bus schedule in the city',
    'word123',
  ];
  if (process.platform !== 'linux') return t.skip('what PostgreSQL computes is read in /proc');
  const before = await readComputed(database);
  for (let i = 0; i < 3; i += 1) for (const q of words) await catalogue.search({ ...plain, q });
  const after = await readComputed(database);
  const sumMs = [...after].reduce((sum, [pid, computedMs]) => sum + computedMs - (before.get(pid) ?? 0), 0);
  const meanMs = sumMs / (3 * words.length);
  t.diagnostic(`a search over 5,002 datasets computes for ${meanMs.toFixed(1)} ms`);
  assert.ok(meanMs < 250, `${meanMs} ms`);
});

/** What each server process of this database has computed, in milliseconds. */
async function readComputed({ pool }: TestDatabase): Promise<ReadonlyMap<number, number>> {
  const { rows } = await pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'",
  );
  return new Map(rows.map(({ pid }) => [pid, processorMsOf([pid])]));
}

/** Datasets as releases leave them, made by the server: 5,000 releases one by one would take a minute. */
const makeMany = `
  create temporary table many as
  select n, 'gen-' || n as id,
    translate(left(md5(n::text), 4) || '-' || right(md5(n::text), 4), '01aeioul', 'bcdfghjk') as code,
    (array['permit','inspection','park','street','water','budget','crash','zoning','library','bus'])[1 + n % 10] as thing,
    (array['request','count','area','quality','fee','schedule','violation','asset','survey','history'])[1 + n / 10 % 10] as kind
  from generate_series(1, 5600) n;
  delete from many a using many b where a.code = b.code and a.n > b.n;
  delete from many where n in (select n from many order by n offset 5000);
  insert into datasets (code, id, department, metadata, created_at, metadata_changed_at, current)
    select code, id, 'it', (select metadata from datasets where id = 'set-0') || jsonb_build_object('title', thing || ' ' || kind), now(), now(), 1 from many;
  insert into revisions select m.code, 1, md5(id) || md5(id), now(), 'x', null, n, r.columns, 1, null, null, r.report, null, r.downloads, r.profile
    from many m, (select * from revisions limit 1) r;
  insert into search_words
    select word, (ts_lexize('english_stem', word))[1] from (
      select thing as word from many union select kind from many union select 'word' || n from generate_series(1, 15000) n) w
    where word <> '' on conflict do nothing;
  insert into dataset_search
    select code, to_tsvector('simple', thing || ' ' || kind || ' ' || string_agg('word' || (n * 7 + i * 131) % 15000, ' ')), 'it',
      (array['A','B','C'])[1 + n % 3], '{csv,json}', 'not-specified', 'not-specified', 'daily', n % 2 = 0, thing || ' ' || kind, n, now()
    from many, generate_series(1, 60) i group by code, thing, kind, n;
  drop table many;`;
