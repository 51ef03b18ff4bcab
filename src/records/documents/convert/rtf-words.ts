// The control words of rich text (RTF 1.9) that say what is text, where it goes, and in which letters.
// It must hold no reader.

/** Where what is read goes: each group has its own, and that of the group around it unless it names one. */
export type Place = 'shown' | 'nowhere' | 'fonts' | 'metadata' | 'comment' | 'field' | 'picture' | 'object';

/** What these groups hold is no text of the page. */
export const places: Readonly<Record<string, Place>> = {
  fonttbl: 'fonts',
  colortbl: 'nowhere',
  stylesheet: 'nowhere',
  listtable: 'nowhere',
  listoverridetable: 'nowhere',
  rsidtbl: 'nowhere',
  nonshppict: 'nowhere', // the same picture, for readers that are older
  shprslt: 'nowhere',
  sp: 'nowhere',
  upr: 'nowhere',
  info: 'metadata',
  userprops: 'metadata',
  annotation: 'comment',
  atnauthor: 'nowhere',
  atnid: 'nowhere',
  fldinst: 'field',
  xe: 'field',
  tc: 'field',
  pict: 'picture',
  objdata: 'object',
};

/** Marked as to be skipped by readers that do not know them, and known here. */
export const knownThough = ['shppict', 'shpinst', 'do', 'ud'];

export const spoken: Readonly<Record<string, string>> = {
  par: '\n',
  sect: '\n',
  page: '\n',
  line: '\n',
  row: '\n',
  nestrow: '\n',
  cell: '\t',
  nestcell: '\t',
  tab: '\t',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  endash: '–',
  emdash: '—',
  emspace: ' ',
  enspace: ' ',
  '~': '\u00a0',
  _: '\u2011',
  '{': '{',
  '}': '}',
  '\\': '\\',
};

/** Code pages of `\fcharset`. 2 is that of signs without letters. */
export const charsets: Readonly<Record<number, string>> = {
  77: 'macintosh',
  128: 'cp932',
  129: 'cp949',
  134: 'cp936',
  136: 'cp950',
  161: 'cp1253',
  162: 'cp1254',
  163: 'cp1258',
  177: 'cp1255',
  178: 'cp1256',
  186: 'cp1257',
  204: 'cp1251',
  222: 'cp874',
  238: 'cp1250',
  255: 'cp437',
};
export const signs = 'signs';
export const signFonts = /^(?:symbol|wingdings|webdings|zapfdingbats)/iu;

/** How pictures are kept in it. */
export const pictureEndings: Readonly<Record<string, string>> = {
  pngblip: 'png',
  jpegblip: 'jpg',
  emfblip: 'emf',
  wmetafile: 'wmf',
  dibitmap: 'bmp',
  macpict: 'pict',
};

export const codePages: Readonly<Record<string, string>> = {
  ansi: 'cp1252',
  mac: 'macintosh',
  pc: 'cp437',
  pca: 'cp850',
};

/** What stands before and after the words of these groups, so that they do not run into others. */
export const around: Readonly<Record<string, readonly [before: string, after: string]>> = {
  footnote: [' [', ']'],
  header: ['', '\n'],
  headerl: ['', '\n'],
  headerr: ['', '\n'],
  headerf: ['', '\n'],
  footer: ['', '\n'],
  footerl: ['', '\n'],
  footerr: ['', '\n'],
  footerf: ['', '\n'],
  shptxt: ['\n', '\n'],
  dptxbxtext: ['\n', '\n'],
};
