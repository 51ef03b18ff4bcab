// Opens the store that the settings name.
// It must not load the S3 library unless it is asked for: it costs a tenth of a second and 35 MB.

import type { BlobSettings } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import { openFolderStore } from './folder.ts';
import { openHasher } from './hashing.ts';
import type { BlobStore } from './store.ts';

export type OpenedStore = BlobStore & { close(): Promise<void> };

/** Throws setting-invalid when the store cannot be reached or used. */
export async function openStore(config: { readonly blobs: BlobSettings }, effects: Effects): Promise<OpenedStore> {
  const hasher = openHasher();
  const close = (): Promise<void> => hasher.close();
  try {
    if (config.blobs.kind === 'folder')
      return { ...(await openFolderStore(config.blobs.path, hasher, effects)), close };
    const { openS3Store } = await import('./s3.ts');
    const store = await openS3Store(config.blobs, hasher, effects);
    return { ...store, close: async () => void (await Promise.all([store.close(), hasher.close()])) };
  } catch (error) {
    await hasher.close();
    throw error;
  }
}
