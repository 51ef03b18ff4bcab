// What the durability tests stand on: files to publish, publishing over HTTP, damage, and a look at processes.
// It must not know what a test expects: it asks, changes and reads.

import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readdirSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { statSync } from 'node:fs';
import { join } from 'node:path';

export const machineHeader = (dataDir: string): { readonly authorization: string } => ({
  authorization: `Bearer ${readFileSync(join(dataDir, 'machine.key'), 'utf8').trim()}`,
});

/** A CSV of `rows` good rows that no other `mark` gives, and one row too wide when `torn`. */
export function toCsv(mark: string, rows: number, torn = false): string {
  const lines = ['id,mark,cost,ward'];
  for (let row = 1; row <= rows; row++) lines.push(`${row},${mark} number ${row},${row % 97}.25,${row % 9}`);
  if (torn) lines.push('1,too,wide,2,3');
  return `${lines.join('\n')}\n`;
}

export type Sent = { readonly status: number; readonly code: string | null; readonly body: Record<string, unknown> };

/** POST …/revisions as any client sends it. Rejects when the connection breaks before the answer. */
export async function publishOver(url: string, dataDir: string, id: string, csv: string | Buffer): Promise<Sent> {
  const form = new FormData();
  form.set('metadata', JSON.stringify({ title: id, department: { id: 'planning', name: 'Planning' } }));
  form.set('file', new Blob([new Uint8Array(Buffer.from(csv))]), `${id}.csv`);
  const place = `${url}/api/v1/datasets/${id}/revisions`;
  const answer = await fetch(place, { method: 'POST', headers: machineHeader(dataDir), body: form });
  const body = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, code: typeof body['code'] === 'string' ? body['code'] : null, body };
}

/**
 * The permanent code in an error's body; SODA's shape carries it beside its own. null when the body is no such error.
 */
export function readCode(body: string): string | null {
  const parsed = JSON.parse(body) as { readonly code?: unknown; readonly data?: { readonly portal?: unknown } };
  const code = parsed.data?.portal ?? parsed.code;
  return typeof code === 'string' ? code : null;
}

export async function getJson<Body>(url: string): Promise<Body> {
  const answer = await fetch(url);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Body;
}

export async function getBytes(url: string): Promise<Buffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  return Buffer.from(await answer.arrayBuffer());
}

export function sha256Of(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Where the folder store keeps a file. */
export function blobPath(dataDir: string, sha256: string): string {
  return join(dataDir, 'blobs', sha256.slice(0, 2), sha256);
}

/** Turns one bit of the file over; a second time with the same place mends it. */
export function flipBit(path: string, place = Math.floor(statSync(path).size / 2)): void {
  const byte = Buffer.alloc(1);
  const file = openSync(path, 'r+');
  try {
    readSync(file, byte, 0, 1, place);
    byte[0] = byte[0]! ^ 0b1000;
    writeSync(file, byte, 0, 1, place);
  } finally {
    closeSync(file);
  }
}

export type RunningProcess = { readonly pid: number; readonly parent: number; readonly command: string };

/** Every process of this machine that has not ended, with its command line. Linux only. */
export function listProcesses(): readonly RunningProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
      return [{ pid: Number(name), parent: Number(parent), command }];
    } catch (error) {
      if (isGone(error)) return []; // it ended while we looked
      throw error;
    }
  });
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}

/** A process and all that it and its children started. */
export function familyOf(pid: number): readonly RunningProcess[] {
  const all = listProcesses();
  const family = all.filter((each) => each.pid === pid);
  for (let index = 0; index < family.length; index++) {
    family.push(...all.filter(({ parent }) => parent === family[index]!.pid));
  }
  return family;
}

/** Processes that name the folder in their command line or environment (DATA_DIR), or stand in it. */
export function processesOn(folder: string): readonly RunningProcess[] {
  return listProcesses().filter(({ pid, command }) => {
    if (command.includes(folder)) return true;
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      return environment.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch (error) {
      // Gone meanwhile, or another user's: those of ours that are name the folder in their command line.
      if (isGone(error) || (error instanceof Error && 'code' in error && error.code === 'EACCES')) return false;
      throw error;
    }
  });
}

/** Resident memory of a process now and at its highest, in MB. */
export function memoryOf(pid: number): { readonly nowMb: number; readonly peakMb: number } {
  const text = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  const read = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { nowMb: read('VmRSS') / 1024, peakMb: read('VmHWM') / 1024 };
}
