// Fonts whose letters are signs: what Symbol and Wingdings draw for a code, in Unicode.
// It must give no sign for one that it does not know: that stays without a shape, and is told.

/** From `A` and from `a` on. */
const greek = ['ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ', 'αβχδεφγηιϕκλμνοπθρστυϖωξψζ'] as const;
const symbols: Readonly<Record<number, string>> = {
  0xa3: '≤',
  0xa5: '∞',
  0xa7: '♣',
  0xa8: '♦',
  0xa9: '♥',
  0xaa: '♠',
  0xab: '↔',
  0xac: '←',
  0xad: '↑',
  0xae: '→',
  0xaf: '↓',
  0xb0: '°',
  0xb1: '±',
  0xb3: '≥',
  0xb4: '×',
  0xb7: '•',
  0xb8: '÷',
  0xb9: '≠',
  0xba: '≡',
  0xbb: '≈',
  0xbc: '…',
  0xd6: '√',
  0xde: '⇒',
  0xe5: '∑',
  0xf2: '∫',
};
const wingdings: Readonly<Record<number, string>> = {
  0x28: '☎',
  0x2a: '✉',
  0x4a: '☺',
  0x6c: '●',
  0x6d: '❍',
  0x6e: '■',
  0x6f: '□',
  0x71: '❑',
  0x72: '❒',
  0x76: '❖',
  0x9f: '•',
  0xa7: '▪',
  0xa8: '☐',
  0xb7: '•',
  0xd8: '➢',
  0xdf: '←',
  0xe0: '→',
  0xe1: '↑',
  0xe2: '↓',
  0xf0: '⇨',
  0xfb: '✗',
  0xfc: '✓',
  0xfd: '☒',
  0xfe: '☑',
};
const wingdings2: Readonly<Record<number, string>> = {
  0x50: '✓',
  0x51: '☒',
  0x52: '☑',
  0x53: '☒',
  0x4f: '✗',
  0xa3: '☐',
};

const privateUse = 0xf000;

/** `code`: a byte, or that byte in Unicode's private use, as Word writes it; a letter of another font is itself. */
export function signOf(font: string, code: number): string {
  const byte = code >= privateUse && code <= privateUse + 0xff ? code - privateUse : code;
  if (byte > 0xff) return String.fromCodePoint(Math.min(code, 0x10_ffff));
  if (byte <= 0x20) return ' ';
  const name = font.toLowerCase();
  const known = name.startsWith('symbol') ? (symbols[byte] ?? toGreek(byte)) : signsOf(name)[byte];
  return known ?? (byte === dot ? '•' : String.fromCodePoint(privateUse + byte));
}

/** The mark of lists, in all of them. */
const dot = 0xb7;

function signsOf(name: string): Readonly<Record<number, string>> {
  if (name.startsWith('wingdings 2')) return wingdings2;
  return name.startsWith('wingdings') && !name.startsWith('wingdings 3') ? wingdings : {};
}

/** Digits and the marks of ASCII are the same in Symbol. */
function toGreek(byte: number): string | undefined {
  if (byte >= 0x41 && byte <= 0x5a) return greek[0][byte - 0x41];
  if (byte >= 0x61 && byte <= 0x7a) return greek[1][byte - 0x61];
  return byte < 0x7f ? String.fromCharCode(byte) : undefined;
}
