// When and how the schemas of requests are compiled: each with the first request that it judges, for all together cost
// a fifth of a second at every start. What an address says is text and is taken for the number that it writes; what a
// body says is JSON and is taken as it is. It must not change what else a schema means.

import type { FastifyServerOptions } from 'fastify';

type AjvPlugins = NonNullable<NonNullable<FastifyServerOptions['ajv']>['plugins']>;
type AjvPlugin = Exclude<AjvPlugins[number], readonly unknown[]>;
type Ajv = Parameters<AjvPlugin>[0];
type Validate = ((...given: readonly unknown[]) => unknown) & { errors?: unknown };

/** Schemas of bodies, by identity: Fastify does not tell Ajv what a schema is for. */
const ofBodies = new WeakSet<object>();

/** For Fastify's onRoute. */
export function noteBody({ schema }: { readonly schema?: { readonly body?: unknown } | undefined }): void {
  if (typeof schema?.body === 'object' && schema.body !== null) ofBodies.add(schema.body);
}

/** What it makes of a schema looks to Fastify like a compiled one. */
export const compileWhenAsked: AjvPlugin = (ajv) => {
  const compile = ajv.compile.bind(ajv);
  const compileLater = (schema: Parameters<Ajv['compile']>[0]): Validate => {
    let compiled: Validate | null = null;
    const compileOnce = (): Validate => {
      const { coerceTypes } = ajv.opts;
      // With coercion null would be the empty text or zero: retyped in silence, and no longer "not stated".
      if (typeof schema === 'object' && ofBodies.has(schema)) ajv.opts.coerceTypes = false;
      try {
        return compile(schema) as Validate;
      } finally {
        ajv.opts.coerceTypes = coerceTypes;
      }
    };
    const judge = (...given: readonly unknown[]): unknown => {
      compiled ??= compileOnce();
      const passes = compiled(...given);
      judge.errors = compiled.errors;
      return passes;
    };
    judge.errors = null as unknown;
    judge.schemaEnv = true; // says that it is Ajv's, which may change a value at the root
    return judge;
  };
  ajv.compile = compileLater as Ajv['compile'];
  return ajv;
};
