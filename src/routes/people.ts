// What the sign-in of the staff needs beside pages: invitations for the command line, passkeys, the city's own service.
// It must hold no rule; src/people does.

import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';

import { roles } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { listPeople } from '../people/accounts.ts';
import type { PersonSummary } from '../people/accounts.ts';
import { invite, inviteAgain } from '../people/invitations.ts';
import type { Invited } from '../people/invitations.ts';
import { oidcCallback } from '../people/oidc.ts';
import { beginOidc, finishOidc } from '../people/oidc-sign-in.ts';
import { beginPasskey, beginPasskeySignIn, finishPasskey, signInWithPasskey } from '../people/passkeys.ts';
import type { Signed } from '../people/people.ts';
import { isSecure, requireSession, toVisitor } from '../serve/http/authorization.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, nullable } from '../base/schemas.ts';
import { json, nothing, problems } from '../serve/http/schemas.ts';
import type { Members } from '../base/schemas.ts';
import { cookieName, readCookie, toSetCookie } from '../serve/http/session-cookie.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';
import { toLocalPath } from '../pages/people.ts';

const shared = { tags: ['Operations'], security: [{ token: [] }] };
const signIn = { tags: ['Operations'] };
const write = { config: { access: 'write' } } as const;

const grant = exact({ role: Type.String({ enum: [...roles] }), department: nullable(Type.String()) });
const person = exact({
  id: Type.String(),
  name: Type.String(),
  email: Type.String(),
  grants: Type.Array(grant),
  state: Type.String({ enum: ['invited', 'active', 'disabled'] }),
  factors: Type.Array(Type.String({ enum: ['password', 'code', 'passkey', 'oidc'] })),
  createdAt: Type.String({ format: 'date-time' }),
  version: Type.Integer(),
} satisfies Members<PersonSummary>);
const invited = exact({
  personId: Type.String(),
  email: Type.String(),
  link: Type.String({ description: 'Good once, for three days. It is in this answer and never again.' }),
  expiresAt: Type.String({ format: 'date-time' }),
} satisfies Members<Invited>);
const invitation = exact({
  email: Type.String({ maxLength: 254 }),
  name: Type.Optional(Type.String({ maxLength: 100 })),
  role: Type.Optional(Type.String({ enum: [...roles] })),
  department: Type.Optional(nullable(Type.String({ description: 'Left out: the whole city.' }))),
  again: Type.Optional(
    Type.Boolean({ description: 'A new link for somebody who cannot get in; their old ways in end at once.' }),
  ),
});

/** Under the prefix of the API. */
export async function peopleRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  addAccountRoutes(app, portal);
  addPasskeyRoutes(app, portal);
  addPasskeySignIn(app, portal);
}

function addAccountRoutes(app: TypedApp, { people }: Portal): void {
  app.get(
    '/people',
    {
      ...write,
      schema: {
        ...shared,
        summary: 'The accounts of the staff',
        operationId: 'listPeople',
        response: {
          200: json('The accounts.', exact({ data: Type.Array(person) })),
          ...problems(['unauthorized', 'forbidden']),
        },
      },
    },
    async (request) => ({ data: await listPeople(people, request.actor) }),
  );
  app.post(
    '/people/invitations',
    {
      ...write,
      schema: {
        ...shared,
        summary: 'Invite somebody to an account; the link is in this answer and never again',
        operationId: 'invite',
        body: invitation,
        response: {
          201: json('The invitation.', invited),
          ...problems(['unauthorized', 'forbidden', 'bad-request', 'not-found', 'department-not-found']),
          ...problems(['already-exists', 'form-invalid']),
        },
      },
    },
    async (request, reply) => {
      const { email, name = '', role = '', department = null, again = false } = request.body;
      const made = again
        ? await inviteAgain(people, request.actor, email)
        : await invite(people, request.actor, { email, name, role, department });
      return reply.code(201).send(made);
    },
  );
}

const options = Type.Object({}, { additionalProperties: true, description: 'As WebAuthn Level 3 writes options.' });
const answer = Type.Object({}, { additionalProperties: true, description: 'As WebAuthn Level 3 writes answers.' });
const next = exact({ next: Type.String({ description: 'The page to go on to.' }) });

function addPasskeyRoutes(app: TypedApp, { people, ...portal }: Portal): void {
  const refusals = problems(['unauthorized', 'forbidden', 'bad-request', 'form-invalid', 'too-many-requests']);
  app.post(
    '/people/passkeys/begin',
    {
      ...write,
      schema: {
        ...signIn,
        summary: 'Begin to add a passkey to one’s own account',
        operationId: 'beginPasskey',
        body: exact({ password: Type.Optional(Type.String({ maxLength: 1000 })) }),
        response: { 200: json('What the browser is to make.', options), ...refusals },
      },
    },
    async (request) => {
      const { password = '' } = request.body;
      return beginPasskey(people, toVisitor(request), requireSession(request), password);
    },
  );
  app.post(
    '/people/passkeys',
    {
      ...write,
      schema: {
        ...signIn,
        summary: 'Add the passkey that the browser has made',
        operationId: 'addPasskey',
        body: exact({
          response: Type.Unsafe<RegistrationResponseJSON>(answer),
          name: Type.Optional(Type.String({ maxLength: 200 })),
        }),
        response: { 201: json('Added.', next), ...refusals },
      },
    },
    async (request, reply) => {
      const { response, name = '' } = request.body;
      const given = { response, name };
      const signed = await finishPasskey(people, toVisitor(request), requireSession(request), given);
      if (signed !== null) setSession(reply, signed, portal);
      return reply.code(201).send({ next: signed === null ? '/account' : '/staff' });
    },
  );
}

function addPasskeySignIn(app: TypedApp, { people, ...portal }: Portal): void {
  app.post(
    '/people/passkeys/sign-in/begin',
    {
      ...write,
      schema: {
        ...signIn,
        summary: 'Begin to sign in with a passkey',
        operationId: 'beginPasskeySignIn',
        response: { 200: json('What the browser is asked.', options), ...problems(['bad-request']) },
      },
    },
    async () => beginPasskeySignIn(people),
  );
  app.post(
    '/people/passkeys/sign-in',
    {
      ...write,
      schema: {
        ...signIn,
        summary: 'Sign in with the passkey that the browser has asked',
        operationId: 'signInWithPasskey',
        body: exact({
          response: Type.Unsafe<AuthenticationResponseJSON>(answer),
          next: Type.Optional(Type.String({ maxLength: 1000 })),
        }),
        response: {
          200: json('Signed in; the session is in the cookie.', next),
          ...problems(['unauthorized', 'bad-request', 'too-many-requests']),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      if (typeof body.response.id !== 'string') throw new PortalError('bad-request', say('routes.no-passkey-answer'));
      const signed = await signInWithPasskey(people, toVisitor(request), body.response, request.session);
      setSession(reply, signed, portal);
      return reply.send({ next: toLocalPath(body.next) });
    },
  );
}

function setSession(reply: FastifyReply, signed: Signed, portal: Pick<Portal, 'config'>): void {
  reply.header('set-cookie', toSetCookie('session', signed.token, isSecure(portal)));
}

/** Beside the pages of the sign-in: to the city's own service and back. */
export async function oidcRoutes(app: TypedApp, portal: Portal): Promise<void> {
  const { people } = portal;
  const secure = isSecure(portal);
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  app.get(
    '/sign-in/oidc',
    {
      ...write,
      schema: {
        ...signIn,
        summary: 'Go to the city’s own sign-in service',
        operationId: 'beginOidc',
        querystring: Type.Object({ next: Type.Optional(Type.String({ maxLength: 1000 })) }),
        response: { 303: nothing('To the service.'), ...problems(['not-found', 'not-ready']) },
      },
    },
    async (request, reply) => {
      const { address, state } = await beginOidc(people, toLocalPath(request.query.next));
      return reply.header('set-cookie', toSetCookie('oidc', state, secure)).redirect(address, 303);
    },
  );
  app.get(
    oidcCallback,
    {
      ...write,
      schema: {
        ...signIn,
        summary: 'Where the city’s own sign-in service sends the browser back to',
        operationId: 'finishOidc',
        response: { 303: nothing('Signed in, or back to the sign-in page.') },
      },
    },
    async (request, reply) => {
      const given = new URL(request.raw.url ?? '/', portal.config.publicUrl).searchParams;
      const state = readCookie(request.headers.cookie, cookieName('oidc', secure));
      reply.header('set-cookie', toSetCookie('oidc', null, secure));
      const done = await finishOidc(people, toVisitor(request), given, state).catch((error: unknown) => {
        if (error instanceof PortalError && error.status < 500) return error;
        throw error;
      });
      // A person stands here, not a program: what was refused is said on the page to begin again from.
      if (done instanceof PortalError) return reply.redirect(`/sign-in?refused=${done.code}`, 303);
      setSession(reply, done.signed, portal);
      return reply.redirect(done.next, 303);
    },
  );
}
