// A small S3 for tests: one bucket in memory; every request's signature (AWS Signature Version 4) is worked out anew.
// It must refuse what a real store refuses: a wrong signature, bytes that are not what their checksum says.

import { createHash, createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type TestS3 = {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  readonly requests: string[]; // `PUT key`
  stop(): Promise<void>;
};

const keys = { id: 'TESTKEY', secret: 'test/secret+key' };
export const testKeys = { accessKeyId: keys.id, secretAccessKey: keys.secret };

export async function startTestS3(bucket: string): Promise<TestS3> {
  const objects = new Map<string, Buffer>();
  const parts = new Map<string, Map<number, Buffer>>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response, { bucket, objects, parts, requests }).catch((error: unknown) =>
      response.destroy(error as Error),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return { endpoint: `http://127.0.0.1:${port}`, objects, requests, stop };
}

type State = {
  bucket: string;
  objects: Map<string, Buffer>;
  parts: Map<string, Map<number, Buffer>>;
  requests: string[];
};

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
  const url = new URL(request.url ?? '/', 'http://s3');
  const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/');
  const key = rest.join('/');
  state.requests.push(`${request.method} ${key}`);
  const refuse = (status: number, code: string): void =>
    void response
      .writeHead(status, { 'content-type': 'application/xml' })
      .end(request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code></Error>`);
  if (!isSigned(request, url, body)) return refuse(403, 'SignatureDoesNotMatch');
  if (bucket !== state.bucket) return refuse(404, 'NoSuchBucket');
  const checksum = request.headers['x-amz-checksum-sha256'];
  if (typeof checksum === 'string' && checksum !== createHash('sha256').update(body).digest('base64'))
    return refuse(400, 'BadDigest');
  if (url.searchParams.has('uploads') || url.searchParams.has('uploadId'))
    return inParts(request, response, url, key, body, state);
  const found = state.objects.get(key);
  switch (request.method) {
    case 'PUT':
      state.objects.set(key, body);
      return void response.writeHead(200, { etag: '"x"' }).end();
    case 'DELETE':
      state.objects.delete(key);
      return void response.writeHead(204).end();
    case 'HEAD':
      if (key === '') return void response.writeHead(200).end();
      return found === undefined
        ? refuse(404, 'NotFound')
        : void response.writeHead(200, { 'content-length': found.length }).end();
    case 'GET': {
      if (url.searchParams.get('list-type') === '2') return listPage(response, url, state);
      if (found === undefined) return refuse(404, 'NoSuchKey');
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
      const bytes = range === null ? found : found.subarray(Number(range[1]), Number(range[2]) + 1);
      return void response.writeHead(range === null ? 200 : 206, { 'content-length': bytes.length }).end(bytes);
    }
    default:
      return refuse(405, 'MethodNotAllowed');
  }
}

function inParts(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  key: string,
  body: Buffer,
  state: State,
): void {
  const xml = (text: string): void => void response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
  if (url.searchParams.has('uploads')) {
    const id = randomUUID();
    state.parts.set(id, new Map());
    return xml(
      `<InitiateMultipartUploadResult><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }
  const parts = state.parts.get(url.searchParams.get('uploadId') ?? '') ?? new Map<number, Buffer>();
  if (request.method === 'PUT') {
    parts.set(Number(url.searchParams.get('partNumber')), body);
    return void response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end();
  }
  state.objects.set(key, Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, part]) => part)));
  return xml('<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>');
}

/** Two objects to a page, so that paging is seen to work. */
function listPage(response: ServerResponse, url: URL, state: State): void {
  const from = url.searchParams.get('continuation-token') ?? '';
  const prefix = url.searchParams.get('prefix') ?? '';
  const names = [...state.objects.keys()].filter((name) => name.startsWith(prefix) && name > from).sort();
  const page = names.slice(0, 2);
  const contents = page.map(
    (name) => `<Contents><Key>${name}</Key><Size>${state.objects.get(name)?.length}</Size></Contents>`,
  );
  const more = names.length > 2;
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(`<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`);
}

/** docs.aws.amazon.com: "Create a signed AWS API request", with the payload's hash as the client states it. */
function isSigned(request: IncomingMessage, url: URL, body: Buffer): boolean {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
      request.headers.authorization ?? '',
    );
  if (given === null) return false;
  const [, id = '', day = '', region = '', names = '', signature = ''] = given;
  const stated = String(request.headers['x-amz-content-sha256']);
  if (/^[0-9a-f]{64}$/.test(stated) && stated !== createHash('sha256').update(body).digest('hex')) return false;
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = names
    .split(';')
    .map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}\n`,
    )
    .join('');
  const path = decodeURIComponent(url.pathname).split('/').map(encode).join('/');
  const canonical = [request.method, path, query, headers, names, stated].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const sign = (key: Buffer | string, value: string): Buffer => createHmac('sha256', key).update(value).digest();
  const key = sign(sign(sign(sign(`AWS4${keys.secret}`, day), region), 's3'), 'aws4_request');
  return id === keys.id && sign(key, text).toString('hex') === signature;
}
