// The grammar of the command line: every command, its arguments, its options and its help.
// It must not do the work: each action is one call.

import { Command } from 'commander';
import { roles } from '../base/actor.ts';
import { cadences } from '../catalogue/dataset.ts';
import { exitTable } from './exit.ts';
import { generators } from './sample-command.ts';
import type { InviteOptions } from './people-commands.ts';
import type { DescribeOptions } from './describe-command.ts';
import type { PublishOptions } from './publish-command.ts';
import { addRecipeOptions } from './recipe-options.ts';
import type { SampleOptions } from './sample-command.ts';

type JsonOption = { readonly json?: boolean };

/** What each command does, given what was typed. */
export type Actions = {
  serve(): Promise<void>;
  describe(file: string, options: DescribeOptions): Promise<void>;
  publish(file: string, options: PublishOptions): Promise<void>;
  list(options: JsonOption): Promise<void>;
  show(id: string, options: JsonOption): Promise<void>;
  verify(options: JsonOption): Promise<void>;
  backup(folder: string, options: JsonOption): Promise<void>;
  restore(folder: string, options: JsonOption): Promise<void>;
  sample(options: Omit<SampleOptions, 'rows'> & { readonly rows?: string }): Promise<void>;
  createToken(name: string, options: JsonOption): Promise<void>;
  listTokens(options: JsonOption): Promise<void>;
  revokeToken(id: string, options: JsonOption): Promise<void>;
  receiveMail(options: JsonOption): Promise<void>;
  invite(options: InviteOptions & JsonOption): Promise<void>;
  listPeople(options: JsonOption): Promise<void>;
};

const jsonHelp = 'answer with one JSON object on standard output, for scripts';

const examples = `
Examples:
  portal serve
  portal describe permits.csv
  portal publish permits.csv --id building-permits --title "Building permits" --department Planning --license CC-BY-4.0
  portal list --json
  portal verify
  portal backup /srv/backups/portal
  portal sample --rows 1000000 --out permits.csv

A command works through the portal at PORTAL_URL (with PORTAL_TOKEN), else through the one that runs on DATA_DIR, else it opens
DATA_DIR itself. Settings: docs/settings.md. Commands and exit codes: docs/cli.md.
`;

function exitHelp(): string {
  const rows = Object.values(exitTable).map(([code, sentence]) => `  ${code}  ${sentence}`);
  return `\nExit codes:\n${rows.join('\n')}\n`;
}

function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function addPublish(program: Command, actions: Actions): void {
  const publish = program
    .command('publish')
    .description('publish a file as a new revision of a dataset; a dataset that is not there yet is made')
    .argument('<file>', 'CSV, TSV, JSON, NDJSON, GeoJSON or Parquet')
    .requiredOption('--id <id>', 'readable id of the dataset, such as building-permits')
    .option('--title <title>', 'title; a new dataset needs one')
    .option('--department <department>', 'id or name of the publishing department; a new dataset needs one')
    .option('--description <text>', 'what the data is')
    .option('--license <license>', 'an SPDX id such as CC-BY-4.0, an address, or a name')
    .option('--license-url <url>', 'where the license can be read')
    .option('--rights <text>', 'terms in words')
    .option('--cadence <cadence>', `how often it is meant to change: ${cadences.join(', ')}`)
    .option('--contact <contact>', '“Name <email>”, an email, a telephone number, an address or a name')
    .option('--keyword <word>', 'a keyword; give it again for more', gather)
    .option('--theme <theme>', 'the topic')
    .option('--from <date>', 'first day that the data covers')
    .option('--to <date>', 'last day that the data covers')
    .option('--spatial <place>', 'the place that the data covers')
    .option('--language <tag>', 'language of the data, such as en')
    .option('--landing-page <url>', 'a page about the data elsewhere')
    .option('--source <text>', 'where the data comes from')
    .option('--source-url <url>', 'address of the source')
    .option('--conforms-to <url>', 'a standard that the data keeps')
    .option('--purpose <text>', 'what the data is collected for')
    .option('--methodology <text>', 'how the data is made')
    .option('--row-meaning <text>', 'what one row is')
    .option('--limitations <text>', 'what the data leaves out')
    .option('--notice <text>', 'a mark shown wherever the dataset is')
    .option('--metadata <file>', 'a JSON file with any of these fields; options win')
    .option('--note <text>', 'why this revision is published')
    .option('--most-changes <number>', 'columns that a later file may change or leave out without a decision')
    .option('--most-quarantined <number>', 'rows of a later file that may be left out without a decision')
    .option('--accept-changes', 'publish what the two options above let wait')
    .option('--expect-revision <number>', 'refuse when the current revision is another one')
    .option('--json', jsonHelp);
  addRecipeOptions(publish, gather).action((file: string, options: PublishOptions) => actions.publish(file, options));
}

function addReading(program: Command, actions: Actions): void {
  const describe = program
    .command('describe')
    .description('say what would be published from a file; nothing is stored')
    .argument('<file>', 'CSV, TSV, JSON, NDJSON, GeoJSON or Parquet')
    .option('--json', jsonHelp);
  addRecipeOptions(describe, gather).action((file: string, options: DescribeOptions) =>
    actions.describe(file, options),
  );
  program
    .command('list')
    .description('list the datasets')
    .option('--json', jsonHelp)
    .action((options: JsonOption) => actions.list(options));
  program
    .command('show')
    .description('show one dataset')
    .argument('<id>', 'readable id, or the code xxxx-xxxx')
    .option('--json', jsonHelp)
    .action((id: string, options: JsonOption) => actions.show(id, options));
}

function addKeeping(program: Command, actions: Actions): void {
  program
    .command('verify')
    .description('read every stored file again and compare its SHA-256')
    .option('--json', jsonHelp)
    .action((options: JsonOption) => actions.verify(options));
  program
    .command('backup')
    .description('copy everything into an empty folder of the portal’s machine')
    .argument('<folder>')
    .option('--json', jsonHelp)
    .action((folder: string, options: JsonOption) => actions.backup(folder, options));
  program
    .command('restore')
    .description('fill an empty DATA_DIR from a backup, after checking all of it')
    .argument('<folder>')
    .option('--json', jsonHelp)
    .action((folder: string, options: JsonOption) => actions.restore(folder, options));
}

function addSample(program: Command, actions: Actions): void {
  program
    .command('sample')
    .description('publish the sample datasets that are not there; with --rows, write a generated set as CSV instead')
    .option('--rows <number>', 'number of rows to write')
    .option('--set <name>', `which set: ${Object.keys(generators).join(', ')}`, 'building-permits')
    .option('--seed <number>', 'another seed gives other rows')
    .option('--out <file>', 'file to write; standard output when left out')
    .option('--json', jsonHelp)
    .action((options: SampleOptions) => actions.sample(options));
}

function addTokens(program: Command, actions: Actions): void {
  const token = program.command('token').description('make, list and revoke the tokens that may publish');
  token
    .command('create')
    .argument('<name>', 'who or what will use it')
    .option('--json', jsonHelp)
    .action((name: string, options: JsonOption) => actions.createToken(name, options));
  token
    .command('list')
    .option('--json', jsonHelp)
    .action((options: JsonOption) => actions.listTokens(options));
  token
    .command('revoke')
    .argument('<id>')
    .option('--json', jsonHelp)
    .action((id: string, options: JsonOption) => actions.revokeToken(id, options));
}

function addMail(program: Command, actions: Actions): void {
  const mail = program.command('mail').description('messages that come in');
  mail
    .command('receive')
    .description('hand in one message as it came (RFC 5322), read from standard input')
    .option('--json', jsonHelp)
    .action((options: JsonOption) => actions.receiveMail(options));
}

function addPeople(program: Command, actions: Actions): void {
  const admin = program.command('admin').description('accounts of the staff');
  admin
    .command('invite')
    .description('make a one-time sign-in link for somebody; hand it to nobody else')
    .requiredOption('--email <email>', 'the address that they sign in with')
    .option('--name <name>', 'what they are called; needed for somebody new')
    .option('--role <role>', `needed for somebody new: ${roles.join(', ')}`)
    .option('--department <id>', 'the department that the role is for; left out: the whole city')
    .option('--again', 'they have an account and cannot get in: their password, app and passkeys are taken away')
    .option('--json', jsonHelp)
    .action((options: InviteOptions & JsonOption) => actions.invite(options));
  admin
    .command('list')
    .description('list the accounts')
    .option('--json', jsonHelp)
    .action((options: JsonOption) => actions.listPeople(options));
}

/** The whole grammar. It throws CommanderError where commander would end the process. */
export function buildProgram(version: string, actions: Actions): Command {
  const program = new Command('portal')
    .description('An open-data portal: publish, find, query and download.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('Try `portal help`.')
    .addHelpText('after', examples + exitHelp());
  program
    .command('serve')
    .description('run the portal')
    .action(() => actions.serve());
  addReading(program, actions);
  addPublish(program, actions);
  addKeeping(program, actions);
  addSample(program, actions);
  addTokens(program, actions);
  addPeople(program, actions);
  addMail(program, actions);
  return program;
}
