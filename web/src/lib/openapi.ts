// Reads the portal's OpenAPI document into what the reference page shows. Unknown comes in here once; pages get plain
// data. It must not invent: what the document leaves out is null or empty.

type Json = Readonly<Record<string, unknown>>;

export type SchemaView = {
  readonly type: string;
  readonly description: string | null;
  readonly allowed: readonly string[];
  readonly fields: readonly { readonly name: string; readonly required: boolean; readonly schema: SchemaView }[];
};
export type ParameterView = {
  readonly name: string;
  readonly place: string;
  readonly required: boolean;
  readonly type: string;
  readonly description: string | null;
  readonly initial: string | null;
  readonly example: string | null;
};
export type BodyView = {
  readonly contentType: string;
  readonly schema: SchemaView | null;
  readonly example: string | null;
};
export type ResponseView = {
  readonly status: string;
  readonly description: string;
  readonly bodies: readonly BodyView[];
};
export type OperationView = {
  readonly anchor: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string | null;
  readonly description: string | null;
  readonly parameters: readonly ParameterView[];
  readonly requests: readonly BodyView[];
  readonly responses: readonly ResponseView[];
};
export type ReferenceView = {
  readonly version: string | null;
  readonly groups: readonly {
    readonly tag: string;
    readonly about: string | null;
    readonly operations: readonly OperationView[];
  }[];
};

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;
const maxDepth = 6;

function toObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
function toText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
function toShown(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Follows `$ref` inside the document; a reference that leads nowhere is an empty object. */
function resolve(document: Json, value: unknown): Json {
  const object = toObject(value);
  const reference = toText(object.$ref);
  if (reference === null || !reference.startsWith('#/')) return object;
  const keys = reference
    .slice(2)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = keys.reduce<unknown>((at, key) => toObject(at)[key], document);
  return toObject(found);
}

function typeName(document: Json, schema: Json): string {
  const choices = [...toList(schema.anyOf), ...toList(schema.oneOf)].map((choice) =>
    typeName(document, resolve(document, choice)),
  );
  if (choices.length > 0) return [...new Set(choices)].join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const named = Array.isArray(schema.type) ? schema.type.join(' | ') : toText(schema.type);
  if (named === 'array') return `${typeName(document, resolve(document, schema.items))}[]`;
  const format = toText(schema.format);
  return named === null ? 'any' : format === null ? named : `${named} (${format})`;
}

function mergedFields(document: Json, schema: Json): { properties: Json; required: readonly unknown[] } {
  const parts = [schema, ...toList(schema.allOf).map((part) => resolve(document, part))];
  return {
    properties: Object.assign({}, ...parts.map((part) => toObject(part.properties))) as Json,
    required: parts.flatMap((part) => toList(part.required)),
  };
}

function toSchema(document: Json, value: unknown, depth = 0): SchemaView {
  const schema = resolve(document, value);
  const inner = schema.type === 'array' ? resolve(document, schema.items) : schema;
  const { properties, required } = mergedFields(document, inner);
  const fields = depth >= maxDepth ? [] : Object.entries(properties);
  return {
    type: typeName(document, schema),
    description: toText(schema.description),
    allowed: toList(inner.enum).map((choice) => JSON.stringify(choice)),
    fields: fields.map(([name, field]) => ({
      name,
      required: required.includes(name),
      schema: toSchema(document, field, depth + 1),
    })),
  };
}

function toExample(media: Json, schema: Json): string | null {
  const named = Object.values(toObject(media.examples)).map((example) => toObject(example).value);
  const given = media.example ?? named[0] ?? schema.example ?? toList(schema.examples)[0];
  if (given === undefined) return null;
  return typeof given === 'string' ? given : JSON.stringify(given, null, 2);
}

function toBodies(document: Json, content: unknown): readonly BodyView[] {
  return Object.entries(toObject(content)).map(([contentType, value]) => {
    const media = toObject(value);
    const schema = resolve(document, media.schema);
    const isEmpty = Object.keys(schema).length === 0;
    return {
      contentType,
      schema: isEmpty ? null : toSchema(document, media.schema),
      example: toExample(media, schema),
    };
  });
}

function toParameter(document: Json, value: unknown): ParameterView {
  const parameter = resolve(document, value);
  const schema = resolve(document, parameter.schema);
  return {
    name: toText(parameter.name) ?? '',
    place: toText(parameter.in) ?? '',
    required: parameter.required === true,
    type: typeName(document, schema),
    description: toText(parameter.description) ?? toText(schema.description),
    initial: toShown(schema.default),
    example: toShown(parameter.example ?? schema.example ?? toList(schema.examples)[0]),
  };
}

function toOperation(document: Json, path: string, method: string, shared: unknown, value: unknown): OperationView {
  const operation = toObject(value);
  // What every address may answer is not worth a line at each of them; the page of errors has it.
  const own = Object.entries(toObject(operation.responses)).filter(([status]) => status !== 'default');
  const responses = own.map(([status, given]) => {
    const response = resolve(document, given);
    return { status, description: toText(response.description) ?? '', bodies: toBodies(document, response.content) };
  });
  return {
    anchor: `${method}-${path.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-|-$/g, '')}`,
    method: method.toUpperCase(),
    path,
    summary: toText(operation.summary),
    description: toText(operation.description),
    parameters: [...toList(shared), ...toList(operation.parameters)].map((parameter) =>
      toParameter(document, parameter),
    ),
    requests: toBodies(document, resolve(document, operation.requestBody).content),
    responses,
  };
}

/** Every operation of the document, grouped by its first tag, in the document's own order of tags. */
export function toReference(openapi: unknown): ReferenceView {
  const document = toObject(openapi);
  const about = new Map(
    toList(document.tags).map((tag) => [toText(toObject(tag).name) ?? '', toText(toObject(tag).description)]),
  );
  const groups = new Map<string, OperationView[]>([...about.keys()].map((tag) => [tag, []]));
  for (const [path, value] of Object.entries(toObject(document.paths))) {
    const item = toObject(value);
    for (const method of methods) {
      if (item[method] === undefined) continue;
      const tag = toText(toList(toObject(item[method]).tags)[0]) ?? '';
      const operations = groups.get(tag) ?? [];
      operations.push(toOperation(document, path, method, item.parameters, item[method]));
      groups.set(tag, operations);
    }
  }
  return {
    version: toText(toObject(document.info).version),
    groups: [...groups]
      .filter(([, operations]) => operations.length > 0)
      .map(([tag, operations]) => ({ tag, about: about.get(tag) ?? null, operations })),
  };
}
