// `portal describe` where no portal runs: the file is read by this process, in a folder that is gone afterwards.
// It must not make or open DATA_DIR.

import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { parseRecipe } from '../catalogue/recipe.ts';
import { openEngine } from '../engine/pool.ts';
import { describeFile as describe } from '../publish/prepare.ts';
import type { DescribeAnswer } from './describe-command.ts';
import type { OnProgress } from './http-client.ts';
import type { UploadFile } from './multipart.ts';

/** Throws what the publish path says of a file that cannot be published. */
export async function describeFile(
  config: Config,
  { path, name, bytes: declaredBytes }: UploadFile,
  recipe: string | undefined,
  onProgress: OnProgress,
): Promise<DescribeAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'portal-describe-'));
  try {
    const engine = await openEngine({ tempFolder: join(folder, 'engine'), workers: 1 }, { clock: systemClock });
    try {
      onProgress({ step: 'describe', done: null, total: null });
      const deps = { engine, workFolder: join(folder, 'work'), maxUploadBytes: config.maxUploadBytes };
      const said = recipe === undefined ? {} : { recipe: parseRecipe(JSON.parse(recipe)) };
      return await describe(deps, { bytes: createReadStream(path), name, declaredBytes }, said);
    } finally {
      await engine.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
