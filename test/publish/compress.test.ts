// Ready-made compressed downloads: small files beside the portal's thread, large ones in a process, the same bytes
// either way.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compressFile } from '../../src/publish/compressor.ts';
import { compress } from '../../src/publish/downloads.ts';
import { hasCode } from './ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'portal-compress-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const unpack = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const;

for (const rows of [0, 200, 60_000]) {
  test(`${rows} rows come back from every coding, and the bytes do not depend on where they were made`, async () => {
    const source = join(folder, `rows-${rows}`);
    const bytes = Buffer.from(Array.from({ length: rows }, (_, row) => `${row},Permit ${row * 7919}\n`).join(''));
    writeFileSync(source, bytes);
    for (const encoding of ['zstd', 'br', 'gzip'] as const) {
      const [made, here] = [`${source}.${encoding}`, `${source}.here.${encoding}`];
      await compress(source, made, encoding);
      await compressFile(source, here, encoding);
      assert.ok(unpack[encoding](readFileSync(made)).equals(bytes), encoding);
      assert.ok(readFileSync(made).equals(readFileSync(here)), encoding);
    }
  });
}

test('a target that is there, a source that is not, and a stop are errors', async () => {
  const source = join(folder, 'rows-200');
  await assert.rejects(compress(source, source, 'gzip'), { code: 'EEXIST' });
  await assert.rejects(compress(join(folder, 'nothing'), join(folder, 'n.gz'), 'gzip'), { code: 'ENOENT' });
  await assert.rejects(compress(source, join(folder, 's.gz'), 'gzip', AbortSignal.abort()), { name: 'AbortError' });
  await assert.rejects(compress(source, '/dev/full/x', 'gzip'), { code: 'ENOTDIR' });
  await assert.rejects(compress(join(folder, 'rows-60000'), source, 'gzip'), hasCode('internal-error'));
});
