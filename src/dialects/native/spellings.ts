// How the native API writes the functions of the allow-list: as CQL2 does.
// It must add no word of its own: what a client learns here serves it at every OGC server.

export {
  cql2Spellings as nativeSpellings,
  cql2SpellingTable as nativeSpellingTable,
} from '../language/cql2-spellings.ts';
