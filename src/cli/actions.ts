// What each command does: finds the portal to work through and makes one call.
// It must not know commander or a store: the few things that need no portal are handed in as parts.

import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { readClientConfig, readConfig, type Config, type Environment } from '../base/config.ts';
import { listDatasets, showDataset } from './catalogue-commands.ts';
import { describe, type DescribeAnswer, type DescribeFile } from './describe-command.ts';
import { CommandError } from './exit.ts';
import {
  isPortalNear,
  readRunningPortal,
  withPortal,
  type FoundPortal,
  type StartPrivatePortal,
} from './find-portal.ts';
import type { OnProgress } from './http-client.ts';
import type { UploadFile } from './multipart.ts';
import { backUp, verifyStored } from './keep-commands.ts';
import { readInput, receiveMail } from './mail-commands.ts';
import { invite, listPeople } from './people-commands.ts';
import type { Actions } from './program.ts';
import { publish } from './publish-command.ts';
import { restore, type RestoreAnswer } from './restore-command.ts';
import { loadSampleThrough, writeSample } from './sample-command.ts';
import type { Terminal } from './terminal.ts';
import { createToken, listTokens, revokeToken } from './token-commands.ts';

/** What a command can do without a portal, and how to start one. */
export type Parts = {
  /** Standard input. */
  readonly input: Readable;
  readonly serve: (config: Config) => Promise<void>;
  readonly startPrivate: StartPrivatePortal;
  readonly describeFile: (
    config: Config,
    file: UploadFile,
    recipe: string | undefined,
    onProgress: OnProgress,
  ) => Promise<DescribeAnswer>;
  readonly restore: (config: Config, folder: string, onProgress: OnProgress) => Promise<RestoreAnswer>;
};

export function toActions(env: Environment, terminal: Terminal, parts: Parts): Actions {
  const through = async <T>(work: (portal: FoundPortal) => Promise<T>): Promise<T> =>
    withPortal(readConfig(env), readClientConfig(env), parts.startPrivate, work);
  return {
    serve: () => parts.serve(readConfig(env)),
    describe: async (file, options) => describe(file, options, await toDescriber(env, parts), terminal),
    publish: (file, options) => through(({ client }) => publish(client, file, options, terminal)),
    list: ({ json }) => through(({ client }) => listDatasets(client, terminal, json === true)),
    show: (id, { json }) => through(({ client }) => showDataset(client, id, terminal, json === true)),
    verify: ({ json }) => through((portal) => verifyStored(portal, terminal, json === true)),
    backup: (folder, { json }) => through((portal) => backUp(portal, folder, terminal, json === true)),
    restore: async (folder, { json }) => {
      const config = readConfig(env);
      const running = await readRunningPortal(config.dataDir);
      if (running !== null) {
        const sentence = `A portal is running on DATA_DIR (${running.url}); stop it and restore into an empty folder.`;
        throw new CommandError('busy', 'conflict', sentence);
      }
      const work = (onProgress: OnProgress) => parts.restore(config, resolve(folder), onProgress);
      await restore(work, terminal, json === true);
    },
    sample: async (options) => {
      const { rows } = options;
      if (rows !== undefined) return writeSample({ ...options, rows }, terminal);
      return through(({ client }) => loadSampleThrough(client, terminal, options.json === true));
    },
    createToken: (name, { json }) => through(({ client }) => createToken(client, name, terminal, json === true)),
    listTokens: ({ json }) => through(({ client }) => listTokens(client, terminal, json === true)),
    revokeToken: (id, { json }) => through(({ client }) => revokeToken(client, id, terminal, json === true)),
    receiveMail: async ({ json }) => {
      const raw = await readInput(parts.input);
      await through(({ client }) => receiveMail(client, raw, terminal, json === true));
    },
    invite: ({ json, ...options }) => through(({ client }) => invite(client, options, terminal, json === true)),
    listPeople: ({ json }) => through(({ client }) => listPeople(client, terminal, json === true)),
  };
}

/** By the portal that is named or runs here; else by this process, which needs no catalogue for it. */
async function toDescriber(env: Environment, parts: Parts): Promise<DescribeFile> {
  const config = readConfig(env);
  const asker = readClientConfig(env);
  if (!(await isPortalNear(config, asker))) {
    return (file, recipe, onProgress) => parts.describeFile(config, file, recipe, onProgress);
  }
  return (file, recipe, onProgress) =>
    withPortal(config, asker, parts.startPrivate, async ({ client }) => {
      return (await client.upload(
        '/api/v1/describe',
        recipe === undefined ? {} : { recipe },
        file,
        onProgress,
      )) as DescribeAnswer;
    });
}
