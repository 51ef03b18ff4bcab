// What the options of `portal publish` say about a dataset, as the catalogue's metadata.
// It must not make up a value: an option that is not given changes nothing, and a new dataset has null for it.

import { readFile } from 'node:fs/promises';
import { cadences, type Contact, type DatasetMetadata, type Licence } from '../catalogue/dataset.ts';
import { CommandError, usageError } from './exit.ts';

export type MetadataOptions = {
  readonly metadata?: string;
  readonly title?: string;
  readonly description?: string;
  readonly keyword?: readonly string[];
  readonly theme?: string;
  readonly license?: string;
  readonly licenseUrl?: string;
  readonly rights?: string;
  readonly cadence?: string;
  readonly contact?: string;
  readonly from?: string;
  readonly to?: string;
  readonly spatial?: string;
  readonly language?: string;
  readonly landingPage?: string;
  readonly source?: string;
  readonly sourceUrl?: string;
  readonly conformsTo?: string;
  readonly purpose?: string;
  readonly methodology?: string;
  readonly rowMeaning?: string;
  readonly limitations?: string;
  readonly notice?: string;
};

/** Licences that may be named by their SPDX id alone. */
const knownLicences: readonly Licence[] = [
  { id: 'CC0-1.0', name: 'Creative Commons Zero 1.0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' },
  { id: 'CC-BY-4.0', name: 'Creative Commons Attribution 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
  {
    id: 'CC-BY-SA-4.0',
    name: 'Creative Commons Attribution-ShareAlike 4.0',
    url: 'https://creativecommons.org/licenses/by-sa/4.0/',
  },
  {
    id: 'PDDL-1.0',
    name: 'Open Data Commons Public Domain Dedication and License 1.0',
    url: 'https://opendatacommons.org/licenses/pddl/1-0/',
  },
  {
    id: 'ODC-By-1.0',
    name: 'Open Data Commons Attribution License 1.0',
    url: 'https://opendatacommons.org/licenses/by/1-0/',
  },
  {
    id: 'ODbL-1.0',
    name: 'Open Data Commons Open Database License 1.0',
    url: 'https://opendatacommons.org/licenses/odbl/1-0/',
  },
  { id: 'MIT', name: 'MIT License', url: 'https://opensource.org/license/mit' },
];

/** `CC-BY-4.0`, an address, or a name in words; with an address of its own when one is given. */
export function parseLicence(text: string, url: string | null): Licence {
  const known = knownLicences.find((each) => each.id?.toLowerCase() === text.toLowerCase());
  if (known !== undefined) return url === null ? known : { ...known, url };
  if (/^https?:\/\//.test(text)) return { id: null, name: text, url: url ?? text };
  return { id: null, name: text, url };
}

/** `Name <email>`, an email, a telephone number, an address on the web, or a name. */
export function parseContact(text: string): Contact {
  const empty: Contact = { name: null, email: null, phone: null, url: null };
  const named = /^(.*?)\s*<([^<>\s]+@[^<>\s]+)>$/.exec(text);
  if (named !== null) return { ...empty, name: named[1] || null, email: named[2] ?? null };
  if (/^[^\s@]+@[^\s@]+$/.test(text)) return { ...empty, email: text };
  if (/^https?:\/\//.test(text)) return { ...empty, url: text };
  if (/^\+?[\d\s().-]{7,}$/.test(text)) return { ...empty, phone: text };
  return { ...empty, name: text };
}

const sameNames = [
  'title', 'description', 'theme', 'rights', 'spatial', 'language', 'landingPage', 'source', 'sourceUrl', 'conformsTo',
  'purpose', 'methodology', 'rowMeaning', 'limitations', 'notice',
] as const; // prettier-ignore

type Changes = { -readonly [K in keyof DatasetMetadata]?: DatasetMetadata[K] };

/** The fields that the options set, and no others. Throws usage errors that name the option. */
export function toChanges(options: MetadataOptions): Changes {
  const changes: Changes = {};
  for (const name of sameNames) {
    const value = options[name];
    if (value !== undefined) changes[name] = value;
  }
  if (options.keyword !== undefined) changes.keywords = options.keyword;
  if (options.license !== undefined) changes.licence = parseLicence(options.license, options.licenseUrl ?? null);
  else if (options.licenseUrl !== undefined) throw usageError('--license-url needs --license with the licence’s name.');
  if (options.contact !== undefined) changes.contact = parseContact(options.contact);
  if (options.cadence !== undefined) changes.cadence = requireCadence(options.cadence);
  if (options.from !== undefined || options.to !== undefined) {
    changes.temporal = { start: options.from ?? null, end: options.to ?? null };
  }
  return changes;
}

function requireCadence(text: string): NonNullable<DatasetMetadata['cadence']> {
  const found = cadences.find((each) => each === text);
  if (found === undefined) throw usageError(`--cadence takes one of ${cadences.join(', ')}; “${text}” is not one.`);
  return found;
}

/** The JSON object in the file of --metadata, its fields still unchecked: the portal checks them. */
export async function readMetadataFile(path: string): Promise<Changes> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandError('not-found', 'not-found', `The metadata file ${path} cannot be read: ${String(cause)}`);
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw usageError(`The metadata file ${path} is not JSON: ${(error as SyntaxError).message}.`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw usageError(`The metadata file ${path} must hold one JSON object with the fields of a dataset.`);
  }
  return parsed as Changes;
}
