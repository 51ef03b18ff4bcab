// Negotiation, tags, ranges, file names and client keys: tables of headers and what they must mean.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMatched, toCodedEtag, toEtag } from '../../src/serve/http/etag.ts';
import { toContentDisposition } from '../../src/serve/http/files.ts';
import { chooseCoding, chooseMediaType } from '../../src/serve/http/negotiate.ts';
import { isRangeCurrent, parseRange } from '../../src/serve/http/range.ts';

const types = ['application/json; charset=utf-8', 'text/csv; charset=utf-8', 'application/geo+json'];

describe('chooseMediaType', () => {
  const table: readonly (readonly [accept: string | undefined, chosen: string | null])[] = [
    [undefined, types[0]!],
    ['', types[0]!],
    ['*/*', types[0]!],
    ['text/csv', types[1]!],
    ['TEXT/CSV;q=0.5, application/json;q=0.4', types[1]!],
    ['text/*', types[1]!],
    ['application/json;q=0, */*', types[1]!],
    ['application/geo+json, */*;q=0.1', types[2]!],
    ['image/png', null],
    ['*/*;q=0', null],
    ['text/csv;q=banana', null],
    ['text/html,application/xhtml+xml,*/*;q=0.8', types[0]!],
  ];
  for (const [accept, chosen] of table) {
    it(`${accept} → ${chosen}`, () => assert.equal(chooseMediaType(accept, types), chosen));
  }
});

describe('chooseCoding', () => {
  const all = ['zstd', 'br', 'gzip'] as const;
  const table: readonly (readonly [
    header: string | undefined,
    ready: readonly (typeof all)[number][],
    chosen: string | null,
  ])[] = [
    [undefined, all, null],
    ['gzip, deflate, br, zstd', all, 'zstd'],
    ['gzip, deflate, br', all, 'br'],
    ['gzip;q=1.0, br;q=0.5', all, 'gzip'],
    ['gzip', ['br'], null],
    ['x-gzip', all, 'gzip'],
    ['*', all, 'zstd'],
    ['*;q=0', all, null],
    ['identity', all, null],
    ['identity;q=1, gzip;q=0.5', all, null],
    ['br;q=0, *', all, 'zstd'],
    ['zstd;q=0, br;q=0, gzip;q=0.001', all, 'gzip'],
    ['gzip', [], null],
  ];
  for (const [header, ready, chosen] of table) {
    it(`${header} among ${ready.join(' ')} → ${chosen}`, () => assert.equal(chooseCoding(header, ready), chosen));
  }
});

describe('parseRange', () => {
  const part = (start: number, end: number) => ({ kind: 'part', range: { start, end } });
  const table: readonly (readonly [header: string | undefined, answer: object])[] = [
    [undefined, { kind: 'whole' }],
    ['bytes=0-9', part(0, 9)],
    ['bytes=0-', part(0, 99)],
    ['bytes=99-', part(99, 99)],
    ['bytes=90-1000', part(90, 99)],
    ['bytes=-10', part(90, 99)],
    ['bytes=-1000', part(0, 99)],
    ['bytes=100-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=9-3', { kind: 'whole' }],
    ['bytes=0-1,5-6', { kind: 'whole' }],
    ['lines=0-1', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=0-99999999999999999999', { kind: 'whole' }],
  ];
  for (const [header, answer] of table) it(`${header}`, () => assert.deepEqual(parseRange(header, 100), answer));
  it('an empty file has no satisfiable range', () => {
    assert.deepEqual(parseRange('bytes=0-', 0), { kind: 'unsatisfiable' });
  });
  it('If-Range takes the very tag only', () => {
    assert.equal(isRangeCurrent(undefined, '"a"'), true);
    assert.equal(isRangeCurrent('"a"', '"a"'), true);
    assert.equal(isRangeCurrent('W/"a"', '"a"'), false);
    assert.equal(isRangeCurrent('Sat, 21 Feb 2026 08:00:00 GMT', '"a"'), false);
  });
});

describe('entity tags', () => {
  it('name every part, and where one ends', () => {
    assert.notEqual(toEtag(['ab', 'c']), toEtag(['a', 'bc']));
    assert.equal(toEtag(['ab', 'c']), toEtag(['ab', 'c']));
    assert.match(toEtag(['x']), /^"[\w-]{27}"$/u);
  });
  it('match in lists, weakly, by star, and by the tag of a coding', () => {
    const tag = toEtag(['x']);
    assert.ok(isMatched(tag, tag));
    assert.ok(isMatched(`"other", W/${tag}`, tag));
    assert.ok(isMatched('*', tag));
    assert.ok(isMatched(toCodedEtag(tag, 'br'), tag));
    assert.ok(!isMatched(`${tag.slice(0, -1)}-evil"`, tag));
    assert.ok(!isMatched('"other"', tag));
    assert.ok(!isMatched(null, tag));
  });
});

describe('file names in headers', () => {
  it('are plain where they can be, and exact beside where not', () => {
    assert.equal(toContentDisposition('parks.csv'), 'attachment; filename="parks.csv"');
    const odd = toContentDisposition('año "x"\r\n.csv');
    assert.ok(!/[\r\n]/u.test(odd));
    assert.match(odd, /^attachment; filename="[^"]*"; filename\*=UTF-8''a%C3%B1o%20%22x%22%0D%0A\.csv$/u);
  });
});
