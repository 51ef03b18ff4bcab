// The OpenAPI description against the routes, both ways; and answers against the very schemas it shows.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { checkGolden } from '../golden-file.ts';
import { openTestPortal } from '../portal.ts';

type Operation = {
  summary?: string;
  operationId?: string;
  tags?: string[];
  parameters?: { name: string; in: string }[];
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
};
type Description = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};

const site = await openTestPortal({ after });
let description: Description;
let ajv: Ajv2020;

before(async () => {
  const rows = Array.from({ length: 30 }, (_, i) => `${i},${i % 3},2026-01-01,${-122 - i / 100},47.3`);
  await site.publish(`id,ward,day,longitude,latitude\n${rows.join('\n')}\n`, {
    id: 'trees',
    metadata: { title: 'Trees', theme: 'Parks' },
  });
  await site.publish('a,b\n1,2\n3,4,5\n', { id: 'ragged' });
  await site.portal.publisher.idle();
  description = (await site.ask('/openapi.json')).json<Description>();
  ajv = new Ajv2020({ strict: false, allErrors: true });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema({ $id: 'openapi', ...description });
});

const toPath = (url: string): string => url.replace(/:(\w+)/gu, '{$1}').replace(/(.)\/$/u, '$1');

describe('/openapi.json', () => {
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

function validatorFor(path: string, status: number, mediaType: string): ValidateFunction {
  const content = description.paths[path]?.['get']?.responses[String(status)]?.content;
  assert.ok(content?.[mediaType] !== undefined, `${path} ${status} ${mediaType} is not described`);
  const pointer = [path, 'get', 'responses', String(status), 'content', mediaType, 'schema']
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  return ajv.compile({ $ref: `openapi#/paths/${pointer}` });
}

describe('answers are what the description says', () => {
  const asked: readonly (readonly [path: string, address: string, status: number])[] = [
    ['/health/live', '/health/live', 200],
    ['/health/ready', '/health/ready', 200],
    ['/api/v1/datasets', '/api/v1/datasets', 200],
    ['/api/v1/datasets', '/api/v1/datasets?q=tree', 200],
    ['/api/v1/datasets', '/api/v1/datasets?nothing=1', 400],
    ['/api/v1/search', '/api/v1/search?q=tree', 200],
    ['/api/v1/datasets/{id}', '/api/v1/datasets/trees', 200],
    ['/api/v1/datasets/{id}', '/api/v1/datasets/none', 404],
    ['/api/v1/datasets/{id}/rows', '/api/v1/datasets/trees/rows?limit=3', 200],
    ['/api/v1/datasets/{id}/rows', '/api/v1/datasets/trees/rows?where=wrad=1', 400],
    ['/api/v1/datasets/{id}/rows/{rowId}', '/api/v1/datasets/trees/rows/1', 200],
    ['/api/v1/datasets/{id}/rows/{rowId}', '/api/v1/datasets/trees/rows/99', 404],
    ['/api/v1/datasets/{id}/count', '/api/v1/datasets/trees/count?where=ward=1', 200],
    ['/api/v1/datasets/{id}/columns/{name}/statistics', '/api/v1/datasets/trees/columns/ward/statistics', 200],
    ['/api/v1/datasets/{id}/columns/{name}/statistics', '/api/v1/datasets/trees/columns/geometry/statistics', 200],
    ['/api/v1/datasets/{id}/revisions', '/api/v1/datasets/ragged/revisions', 200],
    ['/api/v1/datasets/{id}/revisions/{rev}', '/api/v1/datasets/ragged/revisions/1', 200],
    ['/api/v1/datasets/{id}/downloads', '/api/v1/datasets/trees/downloads', 200],
    ['/api/v1/departments', '/api/v1/departments', 200],
    ['/api/v1/departments/{id}', '/api/v1/departments/planning', 200],
    ['/api/v1/tokens', '/api/v1/tokens', 401],
    ['/data.json', '/data.json', 200],
    ['/datasets/{id}.jsonld', '/datasets/trees.jsonld', 200],
  ];
  for (const [path, address, status] of asked) {
    it(`${address} → ${status}`, async () => {
      const answer = await site.ask(address);
      assert.equal(answer.status, status, answer.body);
      const mediaType = (answer.headers['content-type'] ?? '').split(';')[0]!;
      const validate = validatorFor(path, status, mediaType);
      assert.ok(validate(answer.json()), JSON.stringify(validate.errors, null, 1));
    });
  }
  it('writing answers too', async () => {
    const headers = site.machine;
    const made = await site.ask({ method: 'POST', url: '/api/v1/tokens', payload: { name: 'x' }, headers });
    const schema =
      description.paths['/api/v1/tokens']?.['post']?.responses['201']?.content?.['application/json']?.schema;
    const validate = ajv.compile(schema ?? {});
    assert.ok(schema !== undefined && validate(made.json()), JSON.stringify(validate.errors));
  });
});
