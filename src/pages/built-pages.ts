// Loads the built web pages: has them built when they are missing or older than their sources,
// then takes their handler.
// A release has no sources of pages; its pages are as they were built.
// The header names have to be known before the pages are loaded; adapter-node reads them once.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { setEnvironment } from '../base/config.ts';
import { hostHeader, protocolHeader } from './web.ts';
import type { WebHandler } from './web.ts';

const run = promisify(execFile);

/** `root` is the project's folder. Throws with the build's own words when the pages cannot be built. */
export async function loadWebHandler(root: string): Promise<WebHandler> {
  // A process of its own: the builder's memory goes when it is done. It says nothing when the pages are fresh.
  const builder = join('web', 'build.ts');
  if (existsSync(join(root, builder))) await run(process.execPath, [builder], { cwd: root });
  setEnvironment('PROTOCOL_HEADER', protocolHeader);
  setEnvironment('HOST_HEADER', hostHeader);
  const built = (await import(pathToFileURL(join(root, 'web', 'build', 'handler.js')).href)) as { handler: WebHandler };
  return built.handler;
}
