// Socrata's discovery API as far as one portal needs it: what is there, by id, word, category, in pages.
// It must not ignore a parameter: what it cannot answer is refused.

import type { FastifyReply, FastifyRequest } from 'fastify';

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { openDataHeaders, revalidate } from '../../serve/http/headers.ts';
import type { Reader } from '../../serve/read/reader.ts';
import { readParameters, readWholeNumber, requireKnownParameters, type Parameters } from '../language/parameters.ts';
import { toDiscoveryResult } from './metadata.ts';
import { sodaErrorType } from './respond.ts';

const mostListed = 10_000;

/** What the discovery API may be asked; the rest of Socrata's list is refused rather than ignored. */
const discoveryParameters: readonly string[] = [
  ...['ids', 'domains', 'search_context', 'names', 'categories', 'only', 'q', 'order', 'offset', 'limit'],
  ...['$$app_token', 'public', 'published', 'audience', 'show_visibility'],
];

/** `GET /api/catalog/v1` */
export async function discover(reader: Reader, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { publicUrl } = reader;
  const parameters = readParameters(request.query);
  requireKnownParameters(parameters, discoveryParameters);
  const limit = readWholeNumber(parameters, 'limit', { min: 0, max: mostListed }) ?? 100;
  const offset = readWholeNumber(parameters, 'offset', { min: 0, max: 1_000_000 }) ?? 0;
  const startedMs = reader.clock.monotonicMs();
  const { ids, total } = await findDatasets(reader, parameters, [new URL(publicUrl).host, request.host], {
    limit,
    offset,
  });
  const found = ids.map((id) => reader.catalogue.view(id));
  const results = found.filter((dataset) => dataset !== null).map((dataset) => toDiscoveryResult(dataset, publicUrl));
  const elapsedMs = Math.round(reader.clock.monotonicMs() - startedMs);
  reply.headers({ ...openDataHeaders, 'cache-control': revalidate });
  const timings = { serviceMillis: elapsedMs, searchMillis: [elapsedMs] };
  return reply
    .type(sodaErrorType)
    .send(`${JSON.stringify({ results, resultSetSize: total, timings, warnings: [] })}\n`);
}

const orders: ReadonlyMap<string, 'relevance' | 'updated' | 'title'> = new Map([
  ['relevance', 'relevance'],
  ['name', 'title'],
  ['updatedAt', 'updated'],
  ['data_updated_at', 'updated'],
]);

async function findDatasets(
  reader: Reader,
  parameters: Parameters,
  ownHosts: readonly string[],
  page: { readonly limit: number; readonly offset: number },
): Promise<{ readonly ids: readonly string[]; readonly total: number }> {
  const { limit, offset } = page;
  const isElsewhere = ['domains', 'search_context'].some((name) => {
    const hosts = parameters.get(name)?.split(',') ?? [];
    return hosts.length > 0 && !hosts.some((host) => ownHosts.includes(host.trim().toLowerCase()));
  });
  const only = parameters.get('only')?.split(',') ?? ['dataset'];
  if (isElsewhere || !only.some((kind) => kind === 'dataset' || kind === 'datasets')) return { ids: [], total: 0 };
  const named =
    parameters
      .get('ids')
      ?.split(',')
      .map((id) => id.trim()) ?? null;
  if (named !== null) {
    const known = named.slice(0, mostListed).flatMap((id) => reader.catalogue.view(id)?.id ?? []);
    return { ids: known.slice(offset, offset + limit), total: known.length };
  }
  const q = [parameters.get('q'), parameters.get('names')]
    .filter((text) => text !== undefined)
    .join(' ')
    .trim();
  const order = orders.get((parameters.get('order') ?? 'relevance').split(' ')[0] ?? '');
  if (order === undefined) {
    throw new PortalError('bad-request', {
      detail: say('dialects.orders', { known: [...orders.keys()].join(', ') }),
      extra: { parameter: 'order' },
    });
  }
  const found = await reader.catalogue.search({
    q: q === '' ? null : q,
    department: [],
    theme: parameters.get('categories')?.split(',') ?? [],
    format: [],
    licence: [],
    cadence: [],
    map: null,
    sort: q === '' && order === 'relevance' ? 'title' : order,
    limit,
    offset,
  });
  return { ids: found.hits.map((hit) => hit.id), total: found.total };
}
