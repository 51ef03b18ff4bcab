// The native API under /api/v1: one page that says what it is made of.
// It must hold no logic of its own.

import type { Reader } from '../../serve/read/reader.ts';
import type { TypedApp } from '../../serve/http/typed-app.ts';
import { addCatalogueRoutes } from './catalogue-routes.ts';
import { addRowRoutes } from './row-routes.ts';
import { nativeSchemas } from './schemas.ts';

export async function nativeRoutes(app: TypedApp, reader: Reader): Promise<void> {
  for (const schema of nativeSchemas) app.addSchema(schema);
  addCatalogueRoutes(app, reader);
  addRowRoutes(app, reader);
}
