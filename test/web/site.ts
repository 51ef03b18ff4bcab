// A whole portal with pages and a small sample catalogue, listening, for the tests that walk it.
// It must be the real thing: the same buildApp, engine and database as in use.

import { createServer } from 'node:net';
import type { Cleaner } from '../database.ts';
import { openTestPortal } from '../portal.ts';

export type Site = { readonly origin: string };

/** What the tests look for in the sample catalogue. */
export const names = {
  dataset: 'building-permits',
  title: 'Building permits (sample)',
  word: 'permits',
  column: 'valuation',
  department: 'planning',
} as const;

/** With places and without, with a licence and many columns: enough for every kind of page. */
const sample = ['building-permits', 'parks', 'earthquakes', 'seattle-weather'] as const;

export function findPort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

export async function openSite(cleaner: Cleaner): Promise<Site> {
  const port = await findPort();
  const origin = `http://127.0.0.1:${port}`;
  const { app } = await openTestPortal(cleaner, { web: true, sample, settings: { PUBLIC_URL: origin } });
  await app.listen({ host: '127.0.0.1', port });
  return { origin };
}
