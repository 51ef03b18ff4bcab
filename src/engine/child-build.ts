// In the child: a build session, which reads uploads and writes files inside its folders, and nothing else.

import { stat } from 'node:fs/promises';
import { bindAll } from './binding.ts';
import type { BoundValue } from './engine.ts';
import type { ChildSettings } from './frame.ts';
import { openBuild, openParser, toSqlText } from './lockdown.ts';
import type { Opened } from './lockdown.ts';
import { readPlainRows } from './plain-rows.ts';
import { requireHarmlessSelect } from './statement.ts';

export type BuildDesk = {
  open(folders: readonly string[], attach: string | null): Promise<true>;
  run(text: string, params: readonly BoundValue[]): Promise<unknown>;
  /** Writes the rows of one harmless SELECT as Parquet and gives the file's size. */
  exportFile(text: string, params: readonly BoundValue[], path: string): Promise<number>;
  cancel(): void;
};

export function buildDesk(settings: ChildSettings): BuildDesk {
  let opened: Opened | null = null;
  let cancelled = false;
  let geo = false;

  const requireOpen = (): Opened => {
    if (opened === null) throw new Error('The build session is not open.');
    return opened;
  };

  /** The geometry library is loaded by the first statement that needs it: most files have no geometry. */
  const addGeoFunctions = async (connection: Opened['connection']): Promise<void> => {
    const { registerGeoFunctions } = await import('./geo-functions.ts');
    registerGeoFunctions(connection);
    geo = true;
  };

  const run = async (text: string, params: readonly BoundValue[]): Promise<unknown> => {
    const { connection } = requireOpen();
    if (!geo && text.includes('geo_')) await addGeoFunctions(connection);
    const statements = await connection.extractStatements(text);
    if (statements.count !== 1) throw new Error('There must be exactly one statement.');
    const statement = await statements.prepare(0);
    try {
      bindAll(statement, params);
      if (cancelled) throw new Error('INTERRUPT Error: Interrupted before it began');
      return await readPlainRows(await statement.stream());
    } finally {
      statement.destroySync();
    }
  };

  return {
    open: async (folders, attach) => {
      opened = await openBuild(folders, attach, settings.limits);
      return true;
    },
    run,
    exportFile: async (text, params, path) => {
      const parser = await openParser();
      await requireHarmlessSelect(parser.connection, text);
      const select = text.trim().replace(/;$/, '');
      // The line break ends a comment that the text might end in.
      await run(`copy (${select}\n) to ${toSqlText(path)} (format parquet, compression zstd)`, params);
      return (await stat(path)).size;
    },
    cancel: () => {
      cancelled = true;
      opened?.connection.interrupt();
    },
  };
}
