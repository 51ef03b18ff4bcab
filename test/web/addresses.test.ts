// The small languages of the pages' addresses: searches and what is asked of rows survive a round trip.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { filterOperators, parseRowsState, toApiParameters, toRowsSearch } from '../../web/src/lib/row-filters.ts';
import {
  chosenFacets,
  pageNumbers,
  parseSearch,
  toSearchAddress,
  widerTerms,
} from '../../web/src/lib/search-address.ts';

const at = (path: string) => new URL(path, 'http://portal');

test('the state of the rows page survives its address, whatever the values', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.trim());
  const plain = { noNullPrototype: true };
  const filter = fc.record(
    {
      column: fc.stringMatching(/^[a-z_][a-z0-9_]{0,10}$/),
      operator: fc.constantFrom(...filterOperators),
      value: fc.string({ unit: 'grapheme', maxLength: 20 }),
    },
    plain,
  );
  const state = fc.record(
    {
      q: text,
      filters: fc.array(filter, { maxLength: 4 }),
      where: text,
      order: text,
      limit: fc.constantFrom(25 as const, 50 as const, 100 as const),
      after: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
      from: fc.integer({ min: 1, max: 1_000_000 }),
      asOf: text,
    },
    plain,
  );
  fc.assert(
    fc.property(state, (given) => {
      assert.deepEqual(parseRowsState(at(`/rows${toRowsSearch(given)}`)), given);
    }),
    { numRuns: 300 },
  );
});

test('the form that adds a filter adds it to those that stand', () => {
  const state = parseRowsState(at('/rows?filter=ward~eq~3&column=status&operator=contains&value=a~b'));
  assert.deepEqual(state.filters, [
    { column: 'ward', operator: 'eq', value: '3' },
    { column: 'status', operator: 'contains', value: 'a~b' },
  ]);
  assert.deepEqual(parseRowsState(at('/rows?column=status&operator=eq&value=')).filters, [], 'no value, no filter');
  assert.equal(parseRowsState(at('/rows?column=status&operator=empty&value=')).filters.length, 1);
  assert.deepEqual(parseRowsState(at('/rows?filter=broken&limit=7&from=-1')).filters, []);
  assert.equal(parseRowsState(at('/rows?limit=7')).limit, 50);
});

test('the API is asked only for what is set', () => {
  assert.deepEqual(toApiParameters(parseRowsState(at('/rows')), ''), { limit: '50' });
  const state = parseRowsState(at('/rows?q=tree&filter=ward~eq~3&order=ward+desc&after=abc&limit=25'));
  assert.deepEqual(toApiParameters(state, 'ward = 3'), {
    where: 'ward = 3',
    q: 'tree',
    order: 'ward desc',
    after: 'abc',
    limit: '25',
  });
});

test('a search survives its address', () => {
  const address =
    '/search?q=street+trees&department=parks&department=it-gis&theme=Streets&licence=not-specified&map=true&sort=title&page=3';
  const search = parseSearch(at(address));
  assert.deepEqual(search.department, ['parks', 'it-gis']);
  assert.equal(search.map, true);
  assert.equal(search.offset, 40);
  assert.deepEqual(parseSearch(at(toSearchAddress(search))), search);
  assert.equal(toSearchAddress(parseSearch(at('/search'))), '/search');
  assert.equal(parseSearch(at('/search')).sort, 'updated');
  assert.equal(parseSearch(at('/search?q=x')).sort, 'relevance');
});

test('a search address that makes no sense reads as the default', () => {
  const search = parseSearch(at('/search?page=-4&sort=__proto__&map=true&map=false&q=%20%20'));
  assert.equal(search.offset, 0);
  assert.equal(search.q, null);
  assert.equal(search.sort, 'updated');
  assert.equal(search.map, null, 'both boxes ticked is no filter');
  assert.equal(parseSearch(at(`/search?q=${'a'.repeat(5000)}`)).q?.length, 500);
});

test('each chosen facet can be taken away, and the page starts again', () => {
  const chosen = chosenFacets(parseSearch(at('/search?q=a&theme=Streets&theme=Parks&map=true&page=2')));
  assert.deepEqual(
    chosen.map(({ facet, value, without }) => [facet, value, without]),
    [
      ['theme', 'Streets', '/search?q=a&theme=Parks&map=true'],
      ['theme', 'Parks', '/search?q=a&theme=Streets&map=true'],
      ['map', 'true', '/search?q=a&theme=Streets&theme=Parks'],
    ],
  );
});

test('nothing found offers the words one by one', () => {
  assert.deepEqual(widerTerms('the street trees of trees'), ['street', 'trees', 'the']);
  assert.deepEqual(widerTerms('trees'), []);
  assert.deepEqual(widerTerms(null), []);
});

test('page numbers keep the ends and the neighbours', () => {
  assert.deepEqual(pageNumbers(1, 1), [1]);
  assert.deepEqual(pageNumbers(1, 3), [1, 2, 3]);
  assert.deepEqual(pageNumbers(6, 12), [1, null, 5, 6, 7, null, 12]);
  assert.deepEqual(pageNumbers(12, 12), [1, null, 11, 12]);
});
