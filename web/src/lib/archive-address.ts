// The address of a search of the archive: read from a URL, and made for a link.
// It must not check anything; the portal refuses what is none of its kind.

import type { ArchiveAddress } from '../../../src/pages/archive.ts';

export function parseArchive(url: URL): ArchiveAddress {
  const { searchParams } = url;
  const list = (name: string) => searchParams.getAll(name).filter((value) => value !== '');
  return {
    q: searchParams.get('q')?.trim() || null,
    department: list('department'),
    year: list('year'),
    outcome: list('outcome'),
    after: searchParams.get('after') || null,
  };
}

export function toArchiveAddress(address: ArchiveAddress): string {
  const parameters = new URLSearchParams();
  if (address.q !== null) parameters.set('q', address.q);
  for (const name of ['department', 'year', 'outcome'] as const)
    for (const value of address[name]) parameters.append(name, value);
  if (address.after !== null) parameters.set('after', address.after);
  const search = parameters.toString();
  return search === '' ? '/records/archive' : `/records/archive?${search}`;
}
