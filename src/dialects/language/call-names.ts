// Looks up the functions that a dialect's text may call, and turns a written call into the portal's own function.
// It must not check types; query/plan does.

import { PortalError, type ErrorCode } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Expression } from '../../query/query.ts';
import type { Parser, WrittenCall } from './expression.ts';
import { nearestName } from '../../query/spelling.ts';
import type { Spellings } from './spellings.ts';

/** How a call that is not simply a function of the portal becomes an expression. */
export type CallRule = (parser: Parser, call: WrittenCall) => Expression;

/** The calls of one language: its spelling of the portal's functions, and what it writes differently. */
export type CallTable = { readonly spellings: Spellings; readonly rules: ReadonlyMap<string, CallRule> };

/** The call with the portal's function name. Throws unknown-function with the nearest name of the table. */
export function toNamedCall(parser: Parser, call: WrittenCall, table: CallTable): Expression {
  const word = call.name.text.toLowerCase();
  const rule = table.rules.get(word);
  if (rule !== undefined) return rule(parser, call);
  const name = table.spellings.find(word);
  if (name === null) throw unknownFunction(parser, call, table);
  if (call.star && name !== 'count') {
    throw callError(parser, call, 'wrong-arity', say('language.star', { word }));
  }
  const distinct = call.distinct ? { distinct: true } : {};
  const filter = call.filter === null ? {} : { filter: call.filter };
  return { kind: 'call', name, args: call.args, ...distinct, ...filter, span: call.span };
}

function unknownFunction(parser: Parser, call: WrittenCall, table: CallTable): PortalError {
  const word = call.name.text.toLowerCase();
  const suggestion = nearestName(word, [...table.spellings.words, ...table.rules.keys()]);
  const name = word.slice(0, 60);
  const detail =
    suggestion === null
      ? say('language.no-function', { name })
      : say('language.no-function-but', { name, suggestion: suggestion.toLowerCase() });
  return callError(parser, call, 'unknown-function', detail, suggestion === null ? {} : { suggestion });
}

/** A rule for a function that is known and not offered here, with the reason. */
export function refuse(reason: Sentence): CallRule {
  return (parser, call) => {
    throw callError(
      parser,
      call,
      'unknown-function',
      say('language.not-offered', { name: call.name.text, why: reason }),
    );
  };
}

/** A rule that also says how many arguments there are, for functions that the dialect rewrites. */
export function rewrite(
  min: number,
  max: number,
  build: (args: readonly Expression[], call: WrittenCall, parser: Parser) => Expression,
): CallRule {
  return (parser, call) => {
    const count = call.args.length;
    if (call.distinct || call.filter !== null) {
      throw callError(parser, call, 'wrong-arity', say('language.no-modifiers', { name: call.name.text }));
    }
    if (call.star || count < min || count > max) {
      const wanted = min === max ? min : say('query.count-to', { least: min, most: max });
      const detail = say('language.argument-count', {
        name: call.name.text.toLowerCase(),
        wanted,
        given: call.star ? '*' : count,
      });
      throw callError(parser, call, 'wrong-arity', detail);
    }
    return build(call.args, call, parser);
  };
}

/** An error that points at the name of the called function. */
function callError(
  parser: Parser,
  call: WrittenCall,
  code: ErrorCode,
  detail: Sentence,
  extra: Readonly<Record<string, string>> = {},
): PortalError {
  const position = { parameter: parser.source.parameter, start: call.name.start, end: call.name.end };
  const named = { function: call.name.text.toLowerCase().slice(0, 60), ...extra };
  return new PortalError(code, { detail, position, text: parser.source.text, extra: named });
}
