// What SvelteKit's own types mean in this portal: the error a page shows and what the HTTP server hands over.

import type { PagesApi } from '../../src/pages/api.ts';

declare global {
  namespace App {
    interface Error {
      status: number;
      message: string;
      /** Permanent code of src/base/errors.ts; null when the error is the page's own. */
      code: string | null;
      requestId: string | null;
    }
    interface Locals {
      /** The status of a page that shows an error in its place instead of failing. */
      status?: number;
      /** A second factor was set up by this very request; its page must not ask for another key. */
      enrolled?: boolean;
    }
    interface Platform {
      /** Node's request, with what the portal's HTTP server put on it. */
      req: { readonly portal?: PagesApi; readonly headers: Readonly<Record<string, string | string[] | undefined>> };
    }
  }
}
