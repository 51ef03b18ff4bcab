// `portal token create|list|revoke`: keys for scripts and people that publish. A token is shown once, when it is made.

import type { TokenSummary } from '../people/tokens.ts';
import { toTable } from './catalogue-commands.ts';
import type { HttpClient } from './http-client.ts';
import { writeJson, writeLines, type Terminal } from './terminal.ts';

export async function createToken(client: HttpClient, name: string, terminal: Terminal, json: boolean): Promise<void> {
  const made = (await client.send('POST', '/api/v1/tokens', { name })) as TokenSummary & { readonly token: string };
  if (json) return writeJson(terminal, made);
  writeLines(terminal, [made.token]);
  terminal.err.write(`Token “${made.name}” (${made.id}). Keep it now: it cannot be shown again.\n`);
}

export async function listTokens(client: HttpClient, terminal: Terminal, json: boolean): Promise<void> {
  const { data: tokens } = (await client.get('/api/v1/tokens')) as { readonly data: readonly TokenSummary[] };
  if (json) return writeJson(terminal, { tokens });
  if (tokens.length === 0) return writeLines(terminal, ['There are no tokens.']);
  const rows = tokens.map((each) => [
    each.id,
    each.name,
    each.createdAt.slice(0, 10),
    each.createdBy,
    each.lastUsedAt?.slice(0, 10) ?? 'never',
    each.revokedAt === null ? 'valid' : `revoked ${each.revokedAt.slice(0, 10)}`,
  ]);
  writeLines(terminal, toTable([['ID', 'NAME', 'MADE', 'MADE BY', 'LAST USED', 'STATE'], ...rows]));
}

export async function revokeToken(client: HttpClient, id: string, terminal: Terminal, json: boolean): Promise<void> {
  await client.send('DELETE', `/api/v1/tokens/${encodeURIComponent(id)}`, undefined);
  if (json) return writeJson(terminal, { revoked: id });
  writeLines(terminal, [`Token ${id} no longer works.`]);
}
