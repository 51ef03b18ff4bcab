// What the options of `portal publish` and `portal describe` say of the file, as the recipe that the portal keeps.
// It must not check them: the portal does, and says what is wrong.

import { usageError } from './exit.ts';
import type { Command } from 'commander';

export type RecipeOptions = {
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly header?: string;
  readonly skip?: string;
  readonly dateOrder?: string;
  readonly decimal?: string;
  readonly type?: readonly string[];
  readonly mostChanges?: string;
  readonly mostQuarantined?: string;
  /** False by `--no-recipe`: everything is guessed again. */
  readonly recipe?: boolean;
};

export function addRecipeOptions(
  command: Command,
  gather: (value: string, before?: readonly string[]) => readonly string[],
): Command {
  return command
    .option('--delimiter <character>', 'what separates the fields: one character, or “tab”')
    .option('--encoding <name>', 'the text encoding, such as windows-1252')
    .option('--header <line>', 'the line of the header, or “none”')
    .option('--skip <lines>', 'lines at the beginning that are no part of the table')
    .option('--date-order <order>', 'month-first or day-first')
    .option('--decimal <mark>', 'point or comma')
    .option('--type <column=kind>', 'what a column holds, by its API name; give it again for more', gather)
    .option('--no-recipe', 'forget what was said of earlier files, and guess again');
}

/**
 * The form's `recipe`, complete: what is given is laid over `before`, which is what the dataset has. Undefined when no
 * option says anything.
 */
export function toRecipe(options: RecipeOptions, before: Readonly<Record<string, unknown>>): string | undefined {
  const { delimiter, encoding, header, skip, dateOrder, decimal, type, mostChanges, mostQuarantined } = options;
  const given = Object.entries({
    ...{ delimiter, encoding, dateOrder, decimal },
    header: header === 'none' ? header : toCount(header, '--header'),
    skip: toCount(skip, '--skip'),
    mostChanges: toCount(mostChanges, '--most-changes'),
    mostQuarantined: toCount(mostQuarantined, '--most-quarantined'),
    types: type === undefined ? undefined : { ...asTypes(before['types']), ...toTypes(type) },
  }).filter(([, value]) => value !== undefined);
  if (given.length === 0 && options.recipe !== false) return undefined;
  return JSON.stringify({ ...(options.recipe === false ? {} : before), ...Object.fromEntries(given) });
}

function toCount(given: string | undefined, option: string): number | undefined {
  if (given === undefined) return undefined;
  if (!/^\d{1,7}$/.test(given)) throw usageError(`${option} takes a whole number, not “${given}”.`);
  return Number(given);
}

function asTypes(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function toTypes(given: readonly string[]): Record<string, string> {
  const types: Record<string, string> = {};
  for (const each of given) {
    const at = each.lastIndexOf('=');
    if (at < 1) throw usageError(`--type takes column=kind, such as permit_no=text, not “${each}”.`);
    types[each.slice(0, at)] = each.slice(at + 1);
  }
  return types;
}
