// The name under which a file that somebody sent is kept and shown.
// It must show nothing else than it says: no folders, and no marks that turn letters round (`r`, U+202E, `gpj.exe`
// would read as a picture).

/** Characters that no reader sees: controls, and the marks of direction (UAX #9); joiners belong to some scripts. */
const unseen = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const longestName = 200;

/**
 * The bare name: an upload may say `C:\dir\name.csv` or `../../name.csv`. `otherwise` stands for one that says nothing.
 */
export function toFileName(given: string, otherwise: string): string {
  const last = given.split(/[\\/]/u).at(-1) ?? '';
  const bare = last.replace(unseen, '').trim().slice(0, longestName).toWellFormed();
  return bare === '' || /^\.+$/u.test(bare) ? otherwise : bare;
}
