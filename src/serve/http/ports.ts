// The port that a start asks for: a free one, or a sentence that says what to do.
// It must not open anything of the portal.

import { createServer } from 'node:net';

import type { Config } from '../../base/config.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';

/** PORT 0 means any free one; it has to be known before the first link is written. */
export async function withPort(config: Config): Promise<Config> {
  if (config.port !== 0) return config;
  const port = await new Promise<number>((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, config.host, () => {
      const address = probe.address();
      probe.close(() => found(address === null || typeof address === 'string' ? 0 : address.port));
    });
  });
  const publicUrl = config.publicUrl.endsWith(':0') ? config.publicUrl.replace(/:0$/u, `:${port}`) : config.publicUrl;
  return Object.freeze({ ...config, port, publicUrl });
}

/** Said before the database is started and the pages are built. Throws setting-invalid. */
export async function requireFreePort({ host, port }: Config): Promise<void> {
  const probe = createServer();
  await new Promise<void>((free, taken) => {
    probe.once('error', (error) => taken(toListenError({ host, port }, error)));
    probe.listen(port, host, () => probe.close(() => free()));
  });
}

/** What a person can do about it; other errors stay what they are. */
export function toListenError({ host, port }: Pick<Config, 'host' | 'port'>, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const place = { host, port: String(port) };
  if (code === 'EADDRINUSE')
    return new PortalError('setting-invalid', say('serve.port-taken', { ...place, other: String(port + 1) }));
  if (code === 'EACCES') return new PortalError('setting-invalid', say('serve.port-forbidden', place));
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new PortalError('setting-invalid', say('serve.host-not-here', { host }));
  return error;
}
