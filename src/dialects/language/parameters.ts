// Reads the parameters of a request against those the address knows: once each, spelled right, of the right shape.
// It must not ignore one: a parameter that has no effect would be an answer to another question.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { nearestName } from '../../query/spelling.ts';

export type Parameters = ReadonlyMap<string, string>;

/** What the server made of a query string → every parameter once, as text. Throws bad-request for one that is not. */
export function readParameters(raw: unknown): Parameters {
  const parameters = new Map<string, string>();
  const given: Readonly<Record<string, unknown>> = { ...(typeof raw === 'object' ? raw : null) };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) {
      throw new PortalError('bad-request', {
        detail: say('language.parameter-repeated', { name: showName(name), times: value.length }),
        extra: { parameter: name },
      });
    }
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new PortalError('bad-request', {
        detail: say('language.parameter-not-text', { name: showName(name) }),
        extra: { parameter: name },
      });
    }
    parameters.set(name, String(value));
  }
  return parameters;
}

/** Throws unknown-parameter, with the nearest known name, for the first that is not in `known`. */
export function requireKnownParameters(parameters: Parameters, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (!known.includes(name)) throw unknownParameter(name, known);
  }
}

export function unknownParameter(name: string, known: readonly string[]): PortalError {
  const suggestion = nearestName(name, known);
  return new PortalError('unknown-parameter', {
    detail:
      suggestion === null
        ? say('language.no-parameter', { name: showName(name), known })
        : say('language.no-parameter-but', { name: showName(name), suggestion }),
    extra: { parameter: name, ...(suggestion === null ? {} : { suggestion }) },
  });
}

/** A whole number within bounds; null when the parameter is absent. Throws bad-literal. */
export function readWholeNumber(
  parameters: Parameters,
  name: string,
  bounds: { readonly min: number; readonly max: number },
): number | null {
  const text = parameters.get(name);
  if (text === undefined) return null;
  return toWholeNumber(text, name, bounds);
}

function toWholeNumber(text: string, name: string, bounds: { readonly min: number; readonly max: number }): number {
  const value = /^\+?\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  const { min, max } = bounds;
  const range =
    max === Number.MAX_SAFE_INTEGER
      ? say('query.count-or-more', { least: min })
      : say('query.count-to', { least: min, most: max });
  throw new PortalError('bad-literal', {
    detail: say('language.parameter-not-whole', { name, range, given: showName(text) }),
    position: { parameter: name, start: 0, end: text.length },
    text,
  });
}

/** `true` or `false`; null when the parameter is absent. Throws bad-literal. */
export function readFlag(parameters: Parameters, name: string): boolean | null {
  const text = parameters.get(name);
  if (text === undefined) return null;
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  throw new PortalError('bad-literal', {
    detail: say('language.parameter-not-flag', { name, given: showName(text) }),
    position: { parameter: name, start: 0, end: text.length },
    text,
  });
}

function showName(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return `“${short}”`;
}
