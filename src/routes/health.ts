// /health/live, /health/ready and /metrics: for the machine that watches the portal.
// It must show nothing about people or data.

import { sql } from '../db/drizzle.ts';
import { Type } from 'typebox';

import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { exact } from '../base/schemas.ts';
import { bodies, json } from '../serve/http/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const checkDeadlineMs = 2_000;

const checkSchema = exact({ ok: Type.Boolean(), detail: Type.Union([Type.String(), Type.Null()]) });

const readySchema = exact(
  {
    status: Type.String({ enum: ['ready', 'starting', 'stopping', 'failing'] }),
    waitingFor: Type.Array(Type.String()),
    checks: exact({ database: checkSchema, engine: checkSchema, store: checkSchema }),
  },
  { $id: 'Readiness' },
);

type Check = { readonly ok: boolean; readonly detail: string | null };

export async function healthRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.addSchema(readySchema);
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  app.get('/health/live', { logLevel: 'warn', schema: liveSchema }, async () => ({
    status: 'live',
    version: portal.version,
  }));
  app.get('/health/ready', { logLevel: 'warn', schema: readyRouteSchema }, async (_request, reply) => {
    const checks = await checkAll(portal);
    const state = portal.lifecycle.state();
    const healthy = Object.values(checks).every((check) => check.ok);
    const status = state === 'ready' && !healthy ? 'failing' : state;
    if (status !== 'ready') reply.code(503).header('retry-after', 2);
    return { status, waitingFor: portal.lifecycle.waitingFor(), checks };
  });
  app.get('/metrics', { schema: metricsSchema }, async (_request, reply) => {
    reply.header('content-type', portal.metrics.contentType);
    return reply.send(await portal.metrics.text());
  });
}

const liveSchema = {
  summary: 'The process answers',
  operationId: 'live',
  tags: ['Operations'],
  response: { 200: json('It does.', exact({ status: Type.Literal('live'), version: Type.String() })) },
};

const readyRouteSchema = {
  summary: 'The portal can do its work: the database, the query engine and the file store answer',
  operationId: 'ready',
  tags: ['Operations'],
  response: {
    200: json('Ready.', Type.Ref('Readiness')),
    503: json('Starting, stopping, or something it needs does not answer.', Type.Ref('Readiness')),
  },
};

const metricsSchema = {
  summary: 'Counters in Prometheus’s text form',
  operationId: 'metrics',
  tags: ['Operations'],
  response: { 200: bodies('The counters.', { 'text/plain': Type.String() }) },
};

async function checkAll(portal: Portal): Promise<{ database: Check; engine: Check; store: Check }> {
  const [database, engine, store] = await Promise.all([
    check(async () => {
      await portal.database.db.execute(sql`select 1`);
    }),
    check(async () => {
      if (portal.engine.stats().workers === 0) throw new Error('no query process is running');
    }),
    check(async () => {
      await portal.store.has('0'.repeat(64));
    }),
  ]);
  return { database, engine, store };
}

/** What failed is told in a word; its cause is in the log of whoever met it. */
async function check(ask: () => Promise<void>): Promise<Check> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer in time')), checkDeadlineMs);
  try {
    await Promise.race([ask(), late.promise]);
    return { ok: true, detail: null };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.name : 'failed' };
  } finally {
    clearTimeout(timer);
  }
}
