// Reports for programs and for downloads: public metrics, the log as CSV, a year's report, certificates of destruction.
// It must hold no rule; records/reports and records/retention do.

import { Readable } from 'node:stream';

import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';

import { sendDocument } from '../serve/http/document.ts';
import { addAct } from '../serve/http/acts.ts';
import type { ActParams } from '../serve/http/acts.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { toReportsPages } from '../pages/reports.ts';
import { exact, nullable, oneOf } from '../base/schemas.ts';
import type { Members } from '../base/schemas.ts';
import { claimActs, registerActs, yearActs, yearlyEntrySchema } from '../records/reports/acts.ts';
import { claimKinds } from '../records/reports/claims.ts';
import type { Claim } from '../records/reports/claims.ts';
import { bodies, json, problems } from '../serve/http/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const days = nullable(Type.Number());
const count = Type.Integer();
const few = nullable(Type.Integer({ description: 'Null: one to four, which could tell of a person.' }));

const metricsSchema = exact(
  {
    year: count,
    years: Type.Array(count),
    isRunning: Type.Boolean({ description: 'The year is not over.' }),
    received: count,
    closed: count,
    openNow: Type.Integer({ description: 'Open at the end of the year, or today.' }),
    responded: count,
    respondedWithinFiveBusinessDays: count,
    responseMedianBusinessDays: days,
    closingMedianDays: days,
    closingAverageDays: days,
    closing: Type.Array(exact({ from: count, to: nullable(count), requests: few })),
    months: Type.Array(
      exact({
        month: Type.String(),
        received: count,
        closed: count,
        responseMedianBusinessDays: days,
        closingMedianDays: days,
      }),
    ),
    outcomes: Type.Array(exact({ key: Type.String(), requests: few })),
    exemptions: Type.Array(exact({ cite: Type.String(), title: Type.String(), requests: few })),
    leastShown: Type.Integer({ description: 'Counts that tell requests apart are shown from this number on.' }),
  },
  { $id: 'RecordsMetrics' },
);

const staff = { tags: ['Records'], security: [{ session: [] }] };
const reading = problems(['unauthorized', 'forbidden', 'not-found', 'bad-request', 'unknown-parameter']);
const year = Type.String({ pattern: '^\\d{4}$', description: 'A calendar year.', examples: ['2026'] });
const csv = { 'text/csv': Type.String() };
const pdf = { 'application/pdf': Type.String({ format: 'binary' }) };

/** Under the prefix of the API. */
export async function reportRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.addSchema(metricsSchema);
  addMetrics(app, portal);
  addDownloads(app, portal);
  addCertificate(app, portal);
  addEntries(app, portal);
  addActs(app, portal);
}

function addMetrics(app: TypedApp, portal: Portal): void {
  app.get(
    '/records/metrics',
    {
      schema: {
        summary: 'How public records requests of a year were handled, in numbers that tell of nobody',
        operationId: 'readRecordsMetrics',
        tags: ['Public records'],
        querystring: exact({ year: Type.Optional(year) }),
        response: {
          200: json('The numbers.', Type.Ref('RecordsMetrics')),
          ...problems(['bad-request', 'unknown-parameter']),
        },
      },
    },
    async (request, reply) => {
      const { year: asked } = request.query;
      return sendDocument(request, reply, await toReportsPages(portal, request.actor).metrics(asked ?? null));
    },
  );
}

function addDownloads(app: TypedApp, portal: Portal): void {
  const filter = exact({
    from: Type.Optional(Type.String({ description: 'Received on this day or later.' })),
    to: Type.Optional(Type.String()),
    department: Type.Optional(Type.String()),
    state: Type.Optional(Type.String({ enum: ['open', 'closed', ''] })),
    withheld: Type.Optional(Type.String({ enum: ['yes', ''] })),
  });
  app.get(
    '/records/log.csv',
    {
      config: { access: 'write' },
      schema: {
        ...staff,
        summary: 'The log of requests (RCW 40.14.026(4)) as CSV, without anybody’s identity',
        operationId: 'readRecordsLog',
        querystring: filter,
        response: { 200: bodies('The log.', csv), ...reading },
      },
    },
    async (request, reply) => {
      const pieces = toReportsPages(portal, request.actor).logCsv(request.query);
      return reply.headers(toCsvHeaders('records-log.csv')).send(Readable.from(pieces));
    },
  );
  const yearly = [
    ['report', 'The yearly report (RCW 40.14.026(5)), one figure a line', 'readYearlyReport', 'yearCsv'],
    ['worksheet', 'The yearly report as one row for filing', 'readYearlyWorksheet', 'worksheetCsv'],
    ['timeliness', 'Days to respond and to close, by month and department', 'readTimeliness', 'timelinessCsv'],
  ] as const;
  for (const [name, summary, operationId, read] of yearly) {
    app.get(
      `/records/years/:year/${name}.csv`,
      {
        config: { access: 'write' },
        schema: {
          ...staff,
          summary,
          operationId,
          params: exact({ year }),
          response: { 200: bodies('The file.', csv), ...reading },
        },
      },
      async (request, reply) => {
        const { year: asked } = request.params;
        const text = await toReportsPages(portal, request.actor)[read](asked);
        return reply.headers(toCsvHeaders(`records-${name}-${asked}.csv`)).send(text);
      },
    );
  }
}

function toCsvHeaders(name: string) {
  return {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': noStore,
  };
}

function addCertificate(app: TypedApp, portal: Portal): void {
  app.get(
    '/records/destructions/:destruction/certificate',
    {
      config: { access: 'write' },
      schema: {
        ...staff,
        summary: 'The certificate of a destruction as PDF',
        operationId: 'readDestructionCertificate',
        params: exact({ destruction: Type.String({ description: 'Its id.' }) }),
        response: { 200: bodies('The certificate.', pdf), ...reading },
      },
    },
    async (request, reply) => {
      const { destruction } = request.params;
      const { number, bytes } = await portal.retention.certificate(request.actor, destruction);
      return reply
        .headers({
          'content-type': 'application/pdf',
          'content-disposition': `attachment; filename="${number}.pdf"`,
          'cache-control': noStore,
        })
        .send(bytes);
    },
  );
}

const claim = exact({
  id: Type.String(),
  version: Type.Integer(),
  request: nullable(Type.String()),
  filedOn: Type.String({ format: 'date' }),
  kind: oneOf(claimKinds),
  exemption: nullable(Type.String()),
  venue: nullable(Type.String()),
  summary: Type.String(),
  endedOn: nullable(Type.String({ format: 'date' })),
  outcome: nullable(Type.String()),
  costCents: count,
} satisfies Members<Claim>);
const entered = {
  entry: nullable(yearlyEntrySchema),
  version: Type.Integer({ description: '0: nothing was entered.' }),
};

/** What has been entered, with the versions to send along. */
function addEntries(app: TypedApp, { records }: Portal): void {
  const onRequest = async (_request: unknown, reply: FastifyReply) => void reply.header('cache-control', noStore);
  const config = { access: 'write' } as const;
  app.get(
    '/records/work/years/:year/entry',
    {
      config,
      onRequest,
      schema: {
        ...staff,
        summary: 'A year’s figures as they were entered',
        operationId: 'readYearlyEntry',
        params: exact({ year }),
        response: { 200: json('The figures.', exact(entered)), ...reading },
      },
    },
    async ({ actor, params }) => {
      const kept = await records.reports.entry(actor, Number(params.year));
      if (kept === null) return { version: 0, entry: null };
      const { version, enteredAt: _at, enteredBy: _by, ...entry } = kept;
      return { version, entry };
    },
  );
  app.get(
    '/records/work/claims',
    {
      config,
      onRequest,
      schema: {
        ...staff,
        summary: 'Claims against the City over requests',
        operationId: 'listClaims',
        response: { 200: json('The claims.', exact({ data: Type.Array(claim) })), ...reading },
      },
    },
    async ({ actor }) => ({ data: await records.reports.claims(actor) }),
  );
}

function addActs(app: TypedApp, { records }: Portal): void {
  const { reports } = records;
  const shared = { tag: 'Records', needs: [] };
  const ofYear = { ...shared, path: '/records/work/years/:year/entry', operationId: 'saveYearlyEntry' };
  addAct(app, yearActs.entry, { ...ofYear, params: { year }, at: (params) => Number(params['year']) }, reports);
  const register = { ...shared, path: '/records/work/claims', operationId: 'enterClaim', params: {}, at: () => null };
  addAct(app, registerActs.claims, register, reports);
  const id = { claim: Type.String({ maxLength: 36, description: 'The claim’s id.' }) };
  const at = (params: ActParams) => String(params['claim']);
  const change = { ...shared, path: '/records/work/claims/:claim', operationId: 'changeClaim', params: id, at };
  addAct(app, claimActs.change, change, reports);
  addAct(app, claimActs.costs, { ...change, path: `${change.path}/costs`, operationId: 'addClaimCost' }, reports);
}
