// When the schemas of requests are compiled: each with the first request that it judges, for all together cost a fifth
// of a second at every start. It must not change what a schema means.

import type { FastifyServerOptions } from 'fastify';

type AjvPlugins = NonNullable<NonNullable<FastifyServerOptions['ajv']>['plugins']>;
type AjvPlugin = Exclude<AjvPlugins[number], readonly unknown[]>;
type Ajv = Parameters<AjvPlugin>[0];
type Validate = ((...given: readonly unknown[]) => unknown) & { errors?: unknown };

/** What it makes of a schema looks to Fastify like a compiled one. */
export const compileWhenAsked: AjvPlugin = (ajv) => {
  const compile = ajv.compile.bind(ajv);
  const compileLater = (schema: Parameters<Ajv['compile']>[0]): Validate => {
    let compiled: Validate | null = null;
    const judge = (...given: readonly unknown[]): unknown => {
      compiled ??= compile(schema) as Validate;
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
