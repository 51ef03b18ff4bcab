// Holds the answers of a test's portal to the portal's own OpenAPI description: status, media type, body,
// code of the error.
// It must not say what an answer should be; the schemas of the routes do.

import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export type Exchange = {
  readonly method: string;
  readonly url: string;
  /** Asked with a tag or a date, so that "nothing has changed" is an answer. */
  readonly isConditional: boolean;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
};

export type AnswerCheck = {
  /** Throws when the description knows the address and says another thing than was sent. */
  check(exchange: Exchange): void;
};

type Media = { readonly schema?: object };
type Response = { readonly description: string; readonly content?: Readonly<Record<string, Media>> };
type Link = { readonly $ref: string };
type Operation = { readonly responses: Readonly<Record<string, Response | Link>> };
export type Description = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses?: Readonly<Record<string, Response>>;
  };
};

type Found = { readonly path: string; readonly method: string; readonly operation: Operation };

/** `describe` is asked when the first answer comes: the description is made once all routes are there. */
export function openAnswerCheck(describe: () => Description): AnswerCheck {
  let opened: { find: (exchange: Exchange) => Found | null; bodies: Bodies } | null = null;
  return {
    check(exchange) {
      if (opened === null) {
        const description = describe();
        opened = { find: openFinder(description), bodies: openBodies(description) };
      }
      const found = opened.find(exchange);
      if (found !== null) checkAnswer(exchange, found, opened.bodies);
    },
  };
}

function checkAnswer(exchange: Exchange, { path, method, operation }: Found, bodies: Bodies): void {
  const name = `${exchange.method} ${exchange.url} → ${exchange.status}`;
  if (exchange.status === 304) {
    assert.ok(exchange.isConditional, `${name}, and no tag was sent`);
    return assert.equal(exchange.bytes.length, 0, name);
  }
  const status = chooseStatus(operation, exchange.status);
  if (status === null) assert.fail(`${name}, which ${method} ${path} is not described to answer: ${textOf(exchange)}`);
  const { content = {} } = bodies.response(operation, status);
  const sent = baseType(exchange.headers['content-type']);
  if (Object.keys(content).length === 0) {
    assert.equal(exchange.bytes.length, 0, `${name} is described as an answer without a body`);
    return assert.equal(sent, null, `${name} is described as an answer without a body`);
  }
  const media = [sent ?? '', sent?.replace(/\/.*/u, '/*') ?? '', '*/*'].find((type) => type in content);
  assert.ok(media !== undefined, `${name}: ${sent} is not among ${Object.keys(content).join(', ')}`);
  if (exchange.method === 'HEAD' || !/[/+]json$/u.test(media)) return;
  const body: unknown = JSON.parse(textOf(exchange));
  const wrong = bodies.validate(operation, status, media, body);
  assert.ok(wrong === null, `${name} is not what the description of ${method} ${path} says: ${wrong}`);
  if (media === 'application/problem+json') checkCode(name, body as { code: string }, bodies.codes(operation, status));
}

/** The status itself, its hundred, or what is said of every status that is not listed. */
function chooseStatus({ responses }: Operation, status: number): string | null {
  const hundred = `${Math.floor(status / 100)}XX`;
  return [String(status), hundred, ...(status < 400 ? [] : ['default'])].find((key) => key in responses) ?? null;
}

/** Each code of an error that may come stands in the description of its status, or of all that any address answers. */
function checkCode(name: string, { code }: { code: string }, codes: ReadonlySet<string>): void {
  assert.ok(codes.has(code), `${name}: the code ${code} is not among ${[...codes].join(', ')}`);
}

export function isConditionalWith(headers: object): boolean {
  return Object.keys(headers).some((name) => /^if-(none-match|modified-since)$/iu.test(name));
}

function baseType(header: string | undefined): string | null {
  return header?.split(';')[0]?.trim().toLowerCase() ?? null;
}

function textOf({ bytes, headers }: Exchange): string {
  switch (headers['content-encoding']) {
    case 'gzip':
      return gunzipSync(bytes).toString('utf8');
    case 'br':
      return brotliDecompressSync(bytes).toString('utf8');
    case 'zstd':
      return zstdDecompressSync(bytes).toString('utf8');
    default:
      return bytes.toString('utf8');
  }
}

/** Finds the operation as the router does: literal text before what stands for anything. */
function openFinder({ paths }: Description): (exchange: Exchange) => Found | null {
  const known = Object.entries(paths).map(([path, operations]) => {
    const literal = path.replace(/\{\w+\}/gu, '');
    const shape = path.replace(/[.+?^$()|[\]\\]/gu, '\\$&').replace(/\{\w+\}/gu, '[^/]+?');
    return { path, operations, shape: new RegExp(`^${shape}/?$`, 'u'), literal: literal.length };
  });
  known.sort((a, b) => b.literal - a.literal);
  return ({ method, url }) => {
    const asked = url.split('?')[0] ?? '';
    const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
    const found = known.find(({ shape, operations }) => shape.test(asked) && wanted in operations);
    const operation = found?.operations[wanted];
    return found === undefined || operation === undefined ? null : { path: found.path, method: wanted, operation };
  };
}

type Bodies = {
  response(operation: Operation, status: string): Response;
  /** Null when it is as described, else the errors. */
  validate(operation: Operation, status: string, media: string, body: unknown): string | null;
  codes(operation: Operation, status: string): ReadonlySet<string>;
};

/** That schemas are schemas is held by findWrongSchemas, once: to compile theirs costs a sixth of a second. */
function openAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true, validateSchema: false });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  return ajv.addVocabulary(['components', 'example']);
}

/** What is no JSON Schema among the schemas that answers are held to. */
export function findWrongSchemas(description: Description): readonly string[] {
  const ajv = openAjv();
  const { components, paths } = description;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const responses = [...Object.values(components.responses ?? {}), ...operations.flatMap((of) => listResponses(of))];
  const media = responses.flatMap(({ content = {} }) => Object.values(content));
  const schemas = [...Object.values(components.schemas), ...media.flatMap(({ schema }) => schema ?? [])];
  return schemas
    .filter((schema) => ajv.validateSchema(closed(schema)) !== true)
    .map((schema) => `${JSON.stringify(schema)}: ${ajv.errorsText()}`);
}

function listResponses({ responses }: Operation): readonly Response[] {
  return Object.values(responses).flatMap((response) => ('$ref' in response ? [] : response));
}

/** Each schema is compiled when the first answer of its kind comes. */
function openBodies(description: Description): Bodies {
  const ajv = openAjv();
  const { components } = closed(description);
  for (const [name, schema] of Object.entries(components.schemas)) ajv.addSchema({ $id: `/${name}`, ...schema });
  const compiled = new Map<object, ValidateFunction>();
  const response = ({ responses }: Operation, status: string): Response => {
    const found = responses[status]!;
    return '$ref' in found ? description.components.responses![found.$ref.split('/').at(-1)!]! : found;
  };
  return {
    response,
    validate(operation, status, media, body) {
      const schema = response(operation, status).content?.[media]?.schema ?? {};
      const validate = compiled.get(schema) ?? ajv.compile(closed(schema));
      compiled.set(schema, validate);
      return validate(body) ? null : JSON.stringify(validate.errors, null, 1);
    },
    codes: (operation, status) =>
      new Set(
        [status, 'default']
          .filter((key) => key in operation.responses)
          .flatMap((key) => [...response(operation, key).description.matchAll(/`([a-z-]+)`:/gu)])
          .map((match) => match[1]!),
      ),
  };
}

/**
 * The same with every object closed that does not say of itself that it is open: what nobody described may not be sent.
 */
function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === '$ref') return [key, `/${String(value).split('/').at(-1)}`];
    return [key, closed(value as unknown)];
  });
  const isObject = 'type' in schema && schema.type === 'object' && 'properties' in schema;
  const isOpen = 'additionalProperties' in schema || 'patternProperties' in schema;
  return Object.fromEntries(isObject && !isOpen ? [...inner, ['additionalProperties', false]] : inner) as T;
}

const longestKept = 4 * 1_048_576;

/**
 * Checks what leaves through the server's sockets. Nobody waits for it there, so what was wrong is told when asked for.
 */
export function watchSockets(server: Server, { check }: AnswerCheck): () => readonly unknown[] {
  const wrong: unknown[] = [];
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const kept = keepAnswer(response);
    const { method = '', url = '' } = request;
    const isConditional = isConditionalWith(request.headers);
    response.once('finish', () => {
      const answer = kept();
      if (answer === null) return;
      try {
        check({ method, url, isConditional, status: response.statusCode, ...answer });
      } catch (error) {
        wrong.push(error);
      }
    });
  });
  return () => wrong;
}

/** Null for an answer that is too long to be kept. */
function keepAnswer(response: ServerResponse): () => Pick<Exchange, 'headers' | 'bytes'> | null {
  const pieces: Buffer[] = [];
  const written: Record<string, unknown> = {};
  let length = 0;
  const before = (name: 'write' | 'end' | 'writeHead', look: (given: readonly unknown[]) => void): void => {
    const plain = response[name].bind(response) as (...given: unknown[]) => never;
    response[name] = (...given: unknown[]) => {
      look(given);
      return plain(...given);
    };
  };
  const keep = ([chunk]: readonly unknown[]): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    length += chunk.length;
    if (length <= longestKept) pieces.push(Buffer.from(chunk));
  };
  before('write', keep);
  before('end', keep);
  before('writeHead', (given) => {
    const headers = given.find((each) => typeof each === 'object' && each !== null);
    const pairs = Array.isArray(headers) ? inPairs(headers) : Object.entries(headers ?? {});
    for (const [name, value] of pairs) written[name.toLowerCase()] = value;
  });
  return () => {
    if (length > longestKept) return null;
    const headers = { ...response.getHeaders(), ...written } as IncomingHttpHeaders;
    return { headers, bytes: Buffer.concat(pieces) };
  };
}

/** As Node takes the headers of `writeHead`: name, value, name, value. */
function inPairs(list: readonly unknown[]): [string, unknown][] {
  return list.flatMap((name, at): [string, unknown][] => (at % 2 === 0 ? [[String(name), list[at + 1]]] : []));
}
