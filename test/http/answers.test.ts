// What holds every answer of every test to the OpenAPI description must itself tell a right answer from a wrong one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Description, type Exchange, openAnswerCheck, watchSockets } from '../answers.ts';

const tree = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, planted: { type: 'string', format: 'date' } },
};
const problem = { type: 'object', required: ['code'], properties: { code: { type: 'string' } } };
const refused = (text: string) => ({ description: text, content: { 'application/problem+json': { schema: problem } } });
const description: Description = {
  openapi: '3.1.0',
  paths: {
    '/trees/{id}': {
      get: {
        responses: {
          '200': {
            description: 'A tree.',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Tree' } }, 'text/*': {} },
          },
          '404': refused('`not-found`: There is none.'),
          default: { $ref: '#/components/responses/Refused' },
        },
      },
      delete: { responses: { '204': { description: 'Gone.' } } },
    },
    '/trees/all': { get: { responses: { '200': { description: 'All.', content: { '*/*': {} } } } } },
  },
  components: { schemas: { Tree: tree }, responses: { Refused: refused('`unauthorized`: Sign in.') } },
};
const { check } = openAnswerCheck(() => description);

function answer(body: unknown, given: Partial<Exchange> = {}): Exchange {
  const status = given.status ?? 200;
  return {
    method: 'GET',
    url: '/trees/elm?x=1',
    isConditional: false,
    status,
    headers: { 'content-type': status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json' },
    bytes: body === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)),
    ...given,
  };
}

const bare = { headers: {} };
const elm = { name: 'Elm' };

const right: readonly (readonly [name: string, exchange: Exchange])[] = [
  ['a body as described', answer({ ...elm, planted: '1901-04-02' })],
  ['a coded body', answer(null, { bytes: gzipSync('{"name":"Elm"}'), ...coded('gzip') })],
  ['a kind of media', answer(null, { headers: { 'content-type': 'text/csv' }, bytes: Buffer.from('a,b') })],
  ['HEAD', answer(null, { method: 'HEAD' })],
  ['304 to a tag', answer(null, { status: 304, isConditional: true, ...bare })],
  ['no body where none is described', answer(null, { method: 'DELETE', status: 204, ...bare })],
  ['a described code', answer({ code: 'not-found' }, { status: 404 })],
  ['a code of every address', answer({ code: 'unauthorized' }, { status: 401 })],
  ['a literal address before one with a parameter', answer('anything', { url: '/trees/all' })],
  ['an address that is not described', answer(7, { url: '/pages/elm' })],
];
for (const [name, exchange] of right) {
  it(`takes ${name}`, () => assert.doesNotThrow(() => check(exchange)));
}

const wrong: readonly (readonly [name: string, exchange: Exchange, told: RegExp])[] = [
  ['a status that is not described', answer(elm, { status: 201 }), /not described to answer/],
  [
    'a media type that is not described',
    answer(elm, { headers: { 'content-type': 'image/png' } }),
    /image\/png is not among/,
  ],
  ['a member that nobody described', answer({ ...elm, owner: 'Ann' }), /owner/],
  ['a member that is missing', answer({}), /must have required property 'name'/],
  ['a value of another form', answer({ name: 'Elm', planted: 'long ago' }), /must match format/],
  ['a coded body with another member', answer(null, { bytes: gzipSync('{"nam":"Elm"}'), ...coded('gzip') }), /name/],
  ['304 to nobody who has a tag', answer(null, { status: 304, ...bare }), /no tag was sent/],
  ['a body where none is described', answer(elm, { method: 'DELETE', status: 204 }), /without a body/],
  [
    'a code of another status',
    answer({ code: 'conflict' }, { status: 404 }),
    /the code conflict is not among not-found, unauthorized/,
  ],
  [
    'a code that is nowhere described',
    answer({ code: 'gone' }, { status: 410 }),
    /the code gone is not among unauthorized/,
  ],
];
for (const [name, exchange, told] of wrong) {
  it(`refuses ${name}`, () => assert.throws(() => check(exchange), told));
}

function coded(coding: string): Pick<Exchange, 'headers'> {
  return { headers: { 'content-type': 'application/json', 'content-encoding': coding } };
}

describe('watchSockets', () => {
  it('keeps what went wrong, however the answer was written', async (t) => {
    const server = createServer((request, response) => {
      if (request.url === '/trees/oak') response.writeHead(200, ['Content-Type', 'application/json']);
      else response.setHeader('content-type', 'application/json');
      response.write('{"name":');
      response.end(request.url === '/trees/ash' ? '7}' : '"Oak"}');
    });
    const wrongOf = watchSockets(server, { check });
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    t.after(() => server.close());
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    for (const name of ['oak', 'elm', 'ash']) await (await fetch(`${origin}/trees/${name}`)).text();
    assert.deepEqual(
      wrongOf().map((error) => /GET \/trees\/\w+ → \d+/.exec(String(error))?.[0]),
      ['GET /trees/ash → 200'],
    );
  });
});
