// A TrueType font of one empty letter, for text that is to be found and copied but not seen.
// It must draw nothing.

const unitsPerEm = 1000;
const advance = 500;

/** The least that readers of TrueType insist on: ten tables, two glyphs without outlines. */
export function glyphlessFont(): Buffer {
  const tables: readonly (readonly [string, Buffer])[] = [
    ['OS/2', toOs2()],
    ['cmap', toCmap()],
    ['glyf', Buffer.alloc(4)],
    ['head', toHead()],
    ['hhea', toHhea()],
    ['hmtx', shorts([advance, 0, advance, 0])],
    ['loca', Buffer.alloc(12)],
    ['maxp', Buffer.concat([longs([0x10000]), shorts([2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])])],
    ['name', toName()],
    ['post', Buffer.concat([longs([0x30000, 0, 0, 1, 0, 0, 0, 0])])],
  ];
  const head = Buffer.concat([longs([0x10000]), shorts([tables.length, 128, 3, tables.length * 16 - 128])]);
  let offset = head.length + tables.length * 16;
  const records: Buffer[] = [];
  const bodies: Buffer[] = [];
  for (const [name, body] of tables) {
    const whole = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    records.push(Buffer.concat([Buffer.from(name, 'latin1'), longs([sumOf(whole), offset, body.length])]));
    bodies.push(whole);
    offset += whole.length;
  }
  const font = Buffer.concat([head, ...records, ...bodies]);
  const headAt = font.indexOf(Buffer.from([0x5f, 0x0f, 0x3c, 0xf5])) - 4;
  font.writeUInt32BE((0xb1b0afba - sumOf(font)) >>> 0, headAt);
  return font;
}

function toHead(): Buffer {
  const dates = Buffer.alloc(16);
  return Buffer.concat([
    longs([0x10000, 0x10000, 0, 0x5f0f3cf5]),
    shorts([0x000b, unitsPerEm]),
    dates,
    shorts([0, 0, advance, unitsPerEm, 0, 8, 2, 1, 0]),
  ]);
}

function toHhea(): Buffer {
  return Buffer.concat([
    longs([0x10000]),
    shorts([unitsPerEm, 0, 0, advance, 0, 0, advance, 1, 0, 0, 0, 0, 0, 0, 0, 2]),
  ]);
}

function toOs2(): Buffer {
  const table = Buffer.alloc(96);
  table.writeUInt16BE(3, 0); // version
  table.writeInt16BE(advance, 2);
  table.writeUInt16BE(400, 4);
  table.writeUInt16BE(5, 6);
  table.writeUInt16BE(0xffff, 66); // last character
  table.writeInt16BE(unitsPerEm, 68);
  table.writeUInt16BE(unitsPerEm, 74);
  return table;
}

/** Format 4 with nothing in it but the segment that ends the list. */
function toCmap(): Buffer {
  return Buffer.concat([shorts([0, 1, 3, 1]), longs([12]), shorts([4, 24, 0, 2, 2, 0, 0, 0xffff, 0, 0xffff, 1, 0])]);
}

function toName(): Buffer {
  const text = Buffer.from('PortalText', 'utf16le').swap16();
  return Buffer.concat([shorts([0, 1, 18, 3, 1, 0x409, 6, text.length, 0]), text]);
}

function shorts(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, index * 2);
  return bytes;
}

function longs(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) sum = (sum + bytes.readUInt32BE(at)) >>> 0;
  return sum;
}

/** Each code is the UTF-16 unit that it stands for. */
export const toUnicodeMap = `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
`;
