// Every stored file that the catalogue refers to, and what for.
// A new column that names a blob must be added here, or backups and checks pass it by.

import { sql } from '../db/drizzle.ts';
import type { Queryable } from '../db/open.ts';

export type Reference = {
  readonly sha256: string;
  readonly bytes: number;
  readonly dataset: string; // readable id
  readonly number: number;
  readonly role: 'parquet' | 'serving' | 'source' | 'quarantine' | 'download';
};

/** Each file once, named by the newest revision that uses it; in the order of their names. */
export async function readReferences(db: Queryable): Promise<readonly Reference[]> {
  const { rows } = await db.execute<{ [K in keyof Reference]: Reference[K] }>(sql`
    select distinct on (file.sha256) file.sha256, file.bytes::float8 as bytes, d.id as dataset, r.number, file.role
    from revisions r join datasets d on d.code = r.code,
    lateral (
      select 'parquet' as role, r.sha256 as sha256, r.parquet_bytes as bytes
      union all select 'serving', r.serving ->> 'sha256', (r.serving ->> 'bytes')::bigint
      union all select 'source', r.source ->> 'sha256', (r.source ->> 'bytes')::bigint
      union all select 'quarantine', r.quarantine ->> 'sha256', (r.quarantine ->> 'bytes')::bigint
      union all select 'download', made ->> 'sha256', (made ->> 'bytes')::bigint
        from jsonb_array_elements(r.downloads) as made
      union all select 'download', packed.value ->> 'sha256', (packed.value ->> 'bytes')::bigint
        from jsonb_array_elements(r.downloads) as made, jsonb_each(made -> 'encodings') as packed
    ) as file
    where file.sha256 is not null
    order by file.sha256, r.published_at desc, file.role`);
  return rows;
}
