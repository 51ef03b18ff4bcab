// The OpenAPI description against the routes, both ways.
// That answers are what it says is held by every `ask` (test/answers.ts);
// here each address is asked, rightly and in the ways that a client gets wrong.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { InjectOptions } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { findWrongSchemas, type Description as AnswerDescription } from '../answers.ts';
import { checkGolden } from '../golden-file.ts';
import { openTestPortal } from '../portal.ts';

type Operation = {
  summary?: string;
  operationId?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean }[];
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
};
type Description = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
};

const site = await openTestPortal({ after });
let description: Description;

before(async () => {
  const rows = Array.from({ length: 30 }, (_, i) => `${i},${i % 3},2026-01-01,${-122 - i / 100},47.3`);
  await site.publish(`id,ward,day,longitude,latitude\n${rows.join('\n')}\n`, {
    id: 'trees',
    metadata: { title: 'Trees', theme: 'Parks' },
  });
  await site.publish('a,b\n1,2\n3,4,5\n', { id: 'ragged' });
  await site.portal.publisher.deriveMissing();
  description = (await site.ask('/openapi.json')).json<Description>();
});

const toPath = (url: string): string => url.replace(/:(\w+)/gu, '{$1}').replace(/(.)\/$/u, '$1');

describe('/openapi.json', () => {
  it('has no schema of a request that cannot be compiled', async () => {
    const build = () => buildApp(site.portal, { web: null, compileAtOnce: true });
    const app = await build();
    await app.ready();
    await app.close();
    const wrong = await build();
    wrong.get('/wrong', { schema: { querystring: { type: 'no-such-type' } } }, () => null);
    await assert.rejects(async () => await wrong.ready(), /no-such-type|must be equal to one of the allowed values/);
  });
  it('describes answers by JSON Schemas', () => {
    const described = description as unknown as AnswerDescription;
    assert.deepEqual(findWrongSchemas(described), []);
    const schemas = { ...described.components.schemas, Wrong: { type: 'no-such-type' } };
    const wrong = findWrongSchemas({ ...described, components: { ...described.components, schemas } });
    assert.equal(wrong.length, 1);
  });
  it('has a schema where a schema belongs, and says of every address what it may refuse', () => {
    const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({ at: `${method} ${path}`, responses })),
    );
    assert.ok(operations.length > 100);
    for (const { at, responses } of operations) {
      for (const [status, { content }] of Object.entries(responses))
        for (const { schema } of Object.values(content ?? {})) assert.ok(!('schema' in schema), `${at} ${status}`);
      assert.ok('default' in responses || ('4XX' in responses && '5XX' in responses), `${at} may answer 400 unsaid`);
    }
  });
  it('is OpenAPI 3.1 with every route and nothing else', async () => {
    assert.equal(description.openapi, '3.1.0');
    const registered = site.app.routeAddresses
      .all()
      .flatMap(({ pattern, methods }) =>
        methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${toPath(pattern)}`),
      );
    const described = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual([...described].sort(), registered.sort());
  });
  it('gives every operation a summary, an id of its own, a tag and a described answer', () => {
    const ids: string[] = [];
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const name = `${method} ${path}`;
        assert.ok((operation.summary ?? '').length > 8, `${name} has no summary`);
        assert.equal(operation.tags?.length, 1, `${name} has no tag`);
        if (operation.operationId !== undefined) ids.push(operation.operationId);
        for (const part of path.matchAll(/\{(\w+)\}/gu)) {
          const known = operation.parameters?.some(
            (parameter) => parameter.in === 'path' && parameter.name === part[1],
          );
          assert.ok(known, `${name} does not describe ${part[1]}`);
        }
        for (const [status, answer] of Object.entries(operation.responses)) {
          assert.notEqual(answer.description, 'Default Response', `${name} ${status}`);
        }
      }
    }
    assert.equal(new Set(ids).size, ids.length);
  });
  it('is the description that is kept in test/golden', async () => {
    const served = (await site.ask('/openapi.json')).json<unknown>();
    checkGolden('openapi.json', `${toLines(inNameOrder(served))}\n`);
  });
});

describe('answers are what the description says', () => {
  const asked: readonly (readonly [address: string, status: number])[] = [
    ['/health/live', 200],
    ['/health/ready', 200],
    ['/metrics', 200],
    ['/openapi.json', 200],
    ['/api/v1/datasets', 200],
    ['/api/v1/datasets?q=tree', 200],
    ['/api/v1/datasets?nothing=1', 400],
    ['/api/v1/search?q=tree', 200],
    ['/api/v1/datasets/trees', 200],
    ['/api/v1/datasets/none', 404],
    ['/api/v1/datasets/trees/rows?limit=3', 200],
    ['/api/v1/datasets/trees/rows.geojson?limit=3', 200],
    ['/api/v1/datasets/trees/rows?where=wrad=1', 400],
    ['/api/v1/datasets/trees/rows?select=ward,count(*)', 400],
    ['/api/v1/datasets/trees/rows?select=ward/0', 400],
    ['/api/v1/datasets/trees/rows/1', 200],
    ['/api/v1/datasets/trees/rows/99', 404],
    ['/api/v1/datasets/trees/count?where=ward=1', 200],
    ['/api/v1/datasets/trees/export.json?limit=1', 400],
    ['/api/v1/datasets/trees/export.json', 200],
    ['/api/v1/datasets/trees/export.parquet', 200],
    ['/api/v1/datasets/trees/columns/ward/statistics', 200],
    ['/api/v1/datasets/trees/columns/geometry/statistics', 200],
    ['/api/v1/datasets/trees/columns/ward/statistics?where=nothing(ward)', 400],
    ['/api/v1/datasets/ragged/revisions', 200],
    ['/api/v1/datasets/ragged/revisions/1', 200],
    ['/api/v1/datasets/ragged/revisions/1/quarantine.csv', 200],
    ['/api/v1/datasets/trees/downloads', 200],
    ['/api/v1/departments', 200],
    ['/api/v1/departments/planning', 200],
    ['/api/v1/tokens', 401],
    ['/api/v1/records/metrics', 200],
    ['/api/v1/records/archive', 200],
    ['/api/v1/records/deadline?received=2026-07-02', 200],
    ['/api/v1/records/days-off/2026', 200],
    ['/api/v1/records/suggestions?text=trees', 200],
    ['/resource/trees.json', 200],
    ['/resource/trees.json?wrad=1', 400],
    ['/api/views/trees.json', 200],
    ['/api/views/metadata/v1/trees.json', 200],
    ['/api/catalog/v1', 200],
    ['/datasets/trees/download.geojson', 200],
    ['/data.json', 200],
    ['/dcat-us-3.0.json', 200],
    ['/datasets/trees.jsonld', 200],
    ['/datasets/trees/dcat-us-3.0.json', 200],
    ['/datasets/trees/csv-metadata.json', 200],
    ['/datasets/trees/datapackage.json', 200],
  ];
  for (const [address, status] of asked) {
    it(`${address} → ${status}`, async () => {
      const answer = await site.ask(address);
      assert.equal(answer.status, status, answer.body);
    });
  }
  it('for the machine, too', async () => {
    const headers = site.machine;
    const made = await site.ask({ method: 'POST', url: '/api/v1/tokens', payload: { name: 'x' }, headers });
    assert.equal(made.status, 201);
    for (const url of ['/api/v1/tokens', '/api/v1/people']) {
      assert.equal((await site.ask({ url, headers })).status, 200, url);
    }
  });
});

/** What stands in the place of the parts of an address. */
const parts: Readonly<Record<string, string>> = {
  format: 'csv',
  year: '2026',
  number: '2026-000001',
  request: '2026-000001',
  invoice: 'F2026-000001',
  receipt: 'R2026-000001',
  file: 'trees.json',
  rev: '1',
  document: '1',
  page: '1',
  attachment: '1',
};

describe('every operation refuses as the description says', () => {
  const { machine } = site;
  const json = { 'content-type': 'application/json' };
  const form = {
    type: 'multipart/form-data; boundary=cut',
    body: '--cut\r\ncontent-disposition: form-data; name="extra"\r\n\r\n1\r\n--cut--\r\n',
  };
  const ways: readonly (readonly [name: string, given: InjectOptions, query?: string])[] = [
    ['nobody', {}],
    ['the machine', { headers: machine }],
    ['a parameter that is not known', { headers: machine }, 'nothing=1'],
    ['a token that is not known', { headers: { authorization: 'Bearer kdp_none' } }],
    ['a host that is not ours', { headers: { host: 'elsewhere.example' } }],
    ['an address with U+0000', {}, 'q=%00'],
    ['an empty object', { headers: { ...machine, ...json }, payload: '{}' }],
    ['a list', { headers: { ...machine, ...json }, payload: '[]' }],
    ['torn JSON', { headers: { ...machine, ...json }, payload: '{"a":' }],
    ['plain text', { headers: { ...machine, 'content-type': 'text/plain' }, payload: 'text' }],
    ['a form without a file', { headers: { ...machine, 'content-type': form.type }, payload: form.body }],
  ];
  for (const [name, given, query = ''] of ways) {
    it(`asked with ${name}`, async () => {
      const wrong: string[] = [];
      for (const { method, path, operation } of operations()) {
        if (given.payload !== undefined && method === 'GET') continue;
        const address = `${toAddress(path, operation)}${query}`;
        try {
          const answer = await site.ask({ ...given, method, url: address });
          if (answer.status >= 500) wrong.push(`${method} ${address} → ${answer.status}: ${answer.body}`);
        } catch (error) {
          wrong.push(String(error));
        }
      }
      assert.deepEqual(wrong, []);
    });
  }
});

function operations() {
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase() as 'GET' | 'POST',
      path,
      operation,
    })),
  );
}

/** With all that has to be there, and ready for more. */
function toAddress(path: string, { parameters = [] }: Operation): string {
  const query = parameters.flatMap((parameter) =>
    parameter.in === 'query' && parameter.required === true ? [`${parameter.name}=2026-07-02&`] : [],
  );
  return `${path.replace(/\{(\w+)\}/gu, (_, part: string) => parts[part] ?? 'trees')}?${query.join('')}`;
}

/** Members in the order of their names, which no route that is registered earlier or later changes. */
function inNameOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inNameOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inNameOrder(member)]));
}

/** JSON with what fits on a line on one line. */
function toLines(value: unknown, margin = ''): string {
  const whole = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || margin.length + whole.length <= 100) return whole;
  const inner = `${margin}  `;
  const members = Array.isArray(value)
    ? value.map((each) => `${inner}${toLines(each, inner)}`)
    : Object.entries(value).map(([name, each]) => `${inner}${JSON.stringify(name)}: ${toLines(each, inner)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${members.join(',\n')}\n${margin}${close}`;
}
