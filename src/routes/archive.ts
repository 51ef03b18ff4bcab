// The public archive as JSON: requests whose page is public, searched and read by anybody.
// It must hold no rule; records/archive says what is public.

import { Type } from 'typebox';

import type { ArchiveHit, PublicPage } from '../records/archive/archive-entry.ts';
import {
  parseArchiveFacets,
  archiveOutcomes,
  archivePageLimit,
  longestArchiveQuery,
} from '../records/archive/search.ts';
import type { Portal } from '../serve/portal.ts';
import type { AnyAct } from '../people/act.ts';
import { archiveActs, draftActs } from '../records/archive/acts.ts';
import type { Archive } from '../records/archive/archive.ts';
import { addAct } from '../serve/http/acts.ts';
import type { ActParams } from '../serve/http/acts.ts';
import { exact, nullable } from '../base/schemas.ts';
import { json, problems } from '../serve/http/schemas.ts';
import type { Members } from '../base/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const tags = ['Public records'];
const date = Type.String({ format: 'date' });
const department = nullable(exact({ id: Type.String(), name: Type.String() }));
const outcome = Type.String({ enum: [...archiveOutcomes] });
const numberParam = Type.String({ pattern: '^\\d{4}-\\d{6}$', description: 'The request’s number.' });
const several = (description: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 50, description }));

const reasonSchema = exact(
  {
    field: Type.String({ enum: ['number', 'title', 'text', 'record'] }),
    title: Type.Optional(Type.String({ description: 'Of the record that the words stand in.' })),
    page: Type.Optional(Type.Integer()),
    parts: Type.Optional(
      Type.Array(exact({ text: Type.String(), isMatch: Type.Boolean() }), {
        description: 'Public text around the words, in order.',
      }),
    ),
  },
  { $id: 'ArchiveReason' },
);

const hitSchema = exact(
  {
    number: Type.String(),
    title: Type.String(),
    text: Type.String({ description: 'What was asked for, as far as it is public; its beginning.' }),
    receivedOn: date,
    closedOn: nullable(date),
    outcome,
    department,
    files: Type.Integer({ description: 'Records that anybody can download.' }),
    reasons: Type.Array(Type.Ref('ArchiveReason'), { description: 'Why it was found.' }),
  } satisfies Members<ArchiveHit>,
  { $id: 'ArchiveHit' },
);

const facet = Type.Array(
  exact({ value: Type.String(), label: Type.String(), count: Type.Integer(), selected: Type.Boolean() }),
);

const resultSchema = exact(
  {
    data: Type.Array(Type.Ref('ArchiveHit')),
    total: Type.Integer(),
    facets: exact({ department: facet, year: facet, outcome: facet }),
    next: nullable(Type.String({ description: 'The value of `after` for what comes next.' })),
  },
  { $id: 'ArchiveResult' },
);

const withheldSchema = exact({
  record: Type.String(),
  extent: Type.String({ enum: ['full', 'part'] }),
  exemption: Type.String(),
  explanation: Type.String(),
  cite: Type.String(),
});

const pageSchema = exact(
  {
    number: Type.String(),
    title: Type.String(),
    text: Type.String(),
    receivedOn: date,
    closedOn: nullable(date),
    outcome,
    department,
    publishedAt: Type.String({ format: 'date-time' }),
    files: Type.Array(
      exact({
        id: Type.String(),
        title: Type.String(),
        fileName: Type.String(),
        mediaType: Type.String(),
        bytes: Type.Integer(),
        pages: nullable(Type.Integer()),
        sha256: Type.String(),
        installment: Type.Integer(),
        releasedOn: date,
        url: Type.String(),
        withheld: Type.Array(withheldSchema, { description: 'What is missing of it, and why.' }),
      }),
    ),
  } satisfies Members<PublicPage>,
  { $id: 'ArchivePage' },
);

const defaultLimit = 20;

/** Under the prefix of the API. */
export async function archiveRoutes(app: TypedApp, portal: Portal): Promise<void> {
  addActs(app, portal);
  for (const schema of [reasonSchema, hitSchema, resultSchema, pageSchema]) app.addSchema(schema);
  app.get(
    '/records/archive',
    {
      schema: {
        tags,
        summary: 'Requests whose page is public, and the records published with them',
        description:
          'Words are looked for in titles, public texts and published records. The newest or best come first.',
        operationId: 'searchArchive',
        querystring: exact({
          q: Type.Optional(Type.String({ maxLength: longestArchiveQuery, description: 'Words, “a phrase”, -not.' })),
          department: several('Ids of departments.'),
          year: several('Years of receipt.'),
          outcome: several('Outcomes; `open` for those that have none yet.'),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: archivePageLimit, default: defaultLimit })),
          after: Type.Optional(Type.String({ maxLength: 60, description: '`next` of the page before.' })),
        }),
        response: {
          200: json('What was found.', Type.Ref('ArchiveResult')),
          ...problems(['bad-request', 'bad-cursor', 'unknown-parameter']),
        },
      },
    },
    async ({ query }) => {
      const { department: departments = [], year = [], outcome: chosen = [] } = query;
      const facets = parseArchiveFacets({ department: departments, year, outcome: chosen });
      const page = { limit: query.limit ?? defaultLimit, after: query.after ?? null };
      const { hits, ...result } = await portal.archive.search({ q: query.q ?? null, ...facets, ...page });
      return { data: hits, ...result };
    },
  );
  app.get(
    '/records/archive/:number',
    {
      schema: {
        tags,
        summary: 'The public page of a request',
        operationId: 'archivePage',
        params: exact({ number: numberParam }),
        response: { 200: json('The page.', Type.Ref('ArchivePage')), ...problems(['not-found', 'bad-request']) },
      },
    },
    async ({ params }) => {
      const page = await portal.archive.page(params.number);
      const base = `${portal.config.publicUrl}/api/v1/records/requests/${page.number}/released`;
      return { ...page, files: page.files.map((file) => ({ ...file, url: `${base}/${file.id}` })) };
    },
  );
}

/** What the staff publish: for them alone. */
function addActs(app: TypedApp, { archive }: Portal): void {
  const shared = { tag: 'Records', params: { number: numberParam }, at: ({ number }: ActParams) => String(number) };
  for (const [name, act] of Object.entries<AnyAct<Archive, string>>(archiveActs)) {
    const path = `/records/work/requests/:number/archive/${name}`;
    const operationId = archiveOperations[name as keyof typeof archiveActs];
    addAct(app, act, { ...shared, path, operationId, needs: [] }, archive);
  }
  const id = { draft: Type.String({ maxLength: 36, description: 'The draft’s id.' }) };
  for (const [name, act] of Object.entries<AnyAct<Archive, string>>(draftActs)) {
    const place = { ...shared, path: `/records/work/drafts/:draft/${name}`, operationId: `${name}Draft`, params: id };
    addAct(app, act, { ...place, needs: ['archive.draft-dataset'], at: ({ draft }) => String(draft) }, archive);
  }
}

const archiveOperations: Readonly<Record<keyof typeof archiveActs, string>> = {
  check: 'checkRequestPage',
  publish: 'publishRequestPage',
  hide: 'hideRequestPage',
  file: 'publishReleasedFile',
  draft: 'makeDatasetDraft',
};
