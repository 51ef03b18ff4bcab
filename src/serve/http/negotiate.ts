// Content negotiation (RFC 9110 §12): which media type and which content coding an answer takes.
// It must not know routes or formats beyond their media types.

type Preference = { readonly value: string; readonly quality: number; readonly order: number };

const longestHeader = 4_096;

/** `a;q=0.5, b` → preferences, best first; an unreadable or zero quality is kept, so that "not this" is known. */
function parsePreferences(header: string): readonly Preference[] {
  const parts = header.slice(0, longestHeader).toLowerCase().split(',').slice(0, 50);
  return parts
    .map((part, order) => toPreference(part, order))
    .filter((preference) => preference.value !== '')
    .sort((a, b) => b.quality - a.quality || a.order - b.order);
}

function toPreference(part: string, order: number): Preference {
  const [value = '', ...parameters] = part.split(';').map((piece) => piece.trim());
  const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  const quality = written === undefined ? 1 : Number(written);
  const known = Number.isFinite(quality) ? Math.min(Math.max(quality, 0), 1) : 0;
  return { value, quality: known, order };
}

/**
 * The first of `offered` (in the server's order of liking) with the highest quality, or null when the client takes
 * none. No Accept header means anything. Parameters of the media types are not compared.
 */
export function chooseMediaType(accept: string | undefined, offered: readonly string[]): string | null {
  if (accept === undefined || accept.trim() === '') return offered[0] ?? null;
  const preferences = parsePreferences(accept);
  let best: { type: string; quality: number } | null = null;
  for (const type of offered) {
    const quality = mediaQuality(preferences, baseType(type));
    if (quality > 0 && (best === null || quality > best.quality)) best = { type, quality };
  }
  return best?.type ?? null;
}

export function baseType(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase();
}

/** The most specific range that covers the type decides (RFC 9110 §12.5.1). */
function mediaQuality(preferences: readonly Preference[], type: string): number {
  const family = `${type.split('/')[0] ?? ''}/*`;
  for (const range of [type, family, '*/*']) {
    const found = preferences.find((preference) => preference.value === range);
    if (found !== undefined) return found.quality;
  }
  return 0;
}

export type Coding = 'zstd' | 'br' | 'gzip';

const codingsByLiking: readonly Coding[] = ['zstd', 'br', 'gzip'];

/** The best coding that the client takes among those ready; null: the bytes as they are. */
export function chooseCoding(acceptEncoding: string | undefined, ready: readonly Coding[]): Coding | null {
  if (acceptEncoding === undefined || ready.length === 0) return null;
  const preferences = parsePreferences(acceptEncoding);
  const identity = preferences.find((preference) => preference.value === 'identity')?.quality ?? 0;
  let best: { coding: Coding; quality: number } | null = null;
  for (const coding of codingsByLiking) {
    if (!ready.includes(coding)) continue;
    const quality = codingQuality(preferences, coding);
    if (quality > 0 && quality >= identity && (best === null || quality > best.quality)) best = { coding, quality };
  }
  return best?.coding ?? null;
}

function codingQuality(preferences: readonly Preference[], coding: Coding): number {
  const named = preferences.find(({ value }) => value === coding || (coding === 'gzip' && value === 'x-gzip'));
  return (named ?? preferences.find(({ value }) => value === '*'))?.quality ?? 0;
}
