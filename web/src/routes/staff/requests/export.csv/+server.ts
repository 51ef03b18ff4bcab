// The queue as it is filtered, as a CSV file.

import { portal } from '#lib/api.ts';
import { toParameters } from '#lib/desk.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  const text = await portal(event).desk.queueCsv(toParameters(event.url));
  return new Response(text, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="requests.csv"',
      'cache-control': 'no-store',
    },
  });
};
