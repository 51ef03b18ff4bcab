// A message as it came, RFC 5322, read into what the portal needs of it.
// It must survive whatever it is sent: what cannot be read is kept unread for a person, never guessed at.

import type { AddressObject, HeaderValue, ParsedMail } from 'mailparser';

import { parseMailAddress, toHeaderText } from './address.ts';
import { htmlToText, unsaidInText } from './html-text.ts';

export type MailAttachment = { readonly name: string; readonly mediaType: string; readonly bytes: Buffer };

export type IncomingMessage = {
  /** With its angle brackets; null when it has none. */
  readonly messageId: string | null;
  readonly from: string | null;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly MailAttachment[];
  /** In-Reply-To and References. */
  readonly references: string;
  /** Why no person wrote it, or not to us: such mail is never answered, so that no loop begins. */
  readonly automatic: string | null;
  /** Of a report that a message of ours could not be delivered: its text, which names that message; else null. */
  readonly returned: { readonly report: string; readonly status: string | null } | null;
  /** Why not all of it was read. */
  readonly unread: string | null;
};

const longestText = 200_000;
const longestHtml = 300_000;
const mostParts = 200;
const mostAttachments = 100;
const longestHead = 64 * 1024;

export async function readMessage(raw: Buffer): Promise<IncomingMessage> {
  const { parsed, tangled } = await parse(raw);
  const text = toPlainText(parsed);
  const addresses = [parsed.to, parsed.cc].flat().flatMap((each) => addressesIn(each));
  const delivered = ['delivered-to', 'x-original-to', 'envelope-to'].flatMap((name) =>
    plainOf(parsed.headers.get(name)),
  );
  return {
    messageId: /^<[^<>\s]{1,500}>$/u.test(parsed.messageId ?? '') ? parsed.messageId! : null,
    from: addressesIn(parsed.from)[0] ?? null,
    to: [
      ...new Set([...addresses, ...delivered.flatMap((each) => parseMailAddress(each.replace(/[<>]/gu, '')) ?? [])]),
    ],
    subject: toHeaderText(parsed.subject ?? ''),
    text,
    attachments: toAttachments(parsed),
    references: [parsed.inReplyTo ?? '', ...[parsed.references ?? []].flat()].join(' ').slice(-longestHead),
    automatic: whyAutomatic(parsed),
    returned: toReturned(parsed, raw),
    unread: tangled ?? whyNotWhole(parsed, text),
  };
}

type Parsed = { readonly parsed: ParsedMail; readonly tangled: string | null };

/**
 * Of a message that is left unread, or that the parser gives up, the head is read alone: as a message without a body.
 */
async function parse(raw: Buffer): Promise<Parsed> {
  const { simpleParser } = await import('mailparser'); // the first message waits for it, and not every start
  const read = (bytes: Buffer): Promise<ParsedMail> =>
    simpleParser(bytes, {
      skipImageLinks: true,
      skipTextLinks: true,
      skipTextToHtml: true,
      skipHtmlToText: true, // only at the root would it be turned into words
      maxHtmlLengthToParse: longestHtml,
    });
  const tangled = whyUnread(raw);
  if (tangled !== null) return { parsed: await read(headOf(raw)), tangled };
  try {
    return { parsed: await read(raw), tangled: null };
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    return { parsed: await read(headOf(raw)), tangled: `it could not be taken apart (${name})` };
  }
}

/** Parts within parts cost a parser more than they say: nobody writes hundreds. */
function whyUnread(raw: Buffer): string | null {
  const text = raw.toString('latin1');
  let parts = 0;
  for (const _ of text.matchAll(/content-type\s*:\s*(?:multipart|message)\//giu)) {
    parts += 1;
    if (parts > mostParts) return 'it has more parts within parts than anybody writes';
  }
  return headEnd(raw) > longestHead ? 'its head is longer than any that people send' : null;
}

function whyNotWhole(parsed: ParsedMail, text: string): string | null {
  if (text === '' && (parsed.html || '').length > longestHtml) return 'its words are only in HTML, and too many';
  if ((parsed.text ?? '').length > longestText) return 'its text is longer than any that people write';
  return parsed.attachments.length > mostAttachments ? `it has more than ${mostAttachments} attachments` : null;
}

function headEnd(raw: Buffer): number {
  const ends = [raw.indexOf('\r\n\r\n'), raw.indexOf('\n\n')].filter((at) => at >= 0);
  return ends.length === 0 ? raw.length : Math.min(...ends);
}

/** The lines that name it, as a message of their own. */
function headOf(raw: Buffer): Buffer {
  const head = raw.subarray(0, Math.min(headEnd(raw), longestHead)).toString('latin1');
  const lines = head.replace(/\r?\n[ \t]+/gu, ' ').split(/\r?\n/u);
  const named = lines.filter((line) => /^(from|to|cc|subject|message-id|in-reply-to|references|date)\s*:/iu.test(line));
  return Buffer.from(`${named.join('\r\n')}\r\n\r\n`, 'latin1');
}

function addressesIn(given: AddressObject | undefined): readonly string[] {
  const all = (given?.value ?? []).flatMap((each) => [each, ...(each.group ?? [])]);
  return all.flatMap(({ address }) => parseMailAddress(address ?? '') ?? []);
}

function plainOf(value: HeaderValue | undefined): readonly string[] {
  return [value ?? []].flat().filter((each): each is string => typeof each === 'string');
}

/** Its plain text; its HTML where there is none, and beside it where that says more. */
function toPlainText(parsed: ParsedMail): string {
  const html = typeof parsed.html === 'string' && parsed.html.length <= longestHtml ? htmlToText(parsed.html) : '';
  const plain = (parsed.text ?? '').trim();
  const more = plain === '' ? null : unsaidInText(plain, html);
  const whole = plain === '' ? html : more === null ? plain : `${plain}\n\n[Its HTML part says otherwise:]\n${more}`;
  const text = whole.replace(/\r\n?/gu, '\n').replace(/[\p{Cc}--[\n\t]]/gv, '');
  if (text.length <= longestText) return text.trim();
  return `${text.slice(0, longestText).trim()}\n\n[The message goes on; it was cut here.]`;
}

function toAttachments(parsed: ParsedMail): readonly MailAttachment[] {
  return parsed.attachments.slice(0, mostAttachments).map((each, index) => {
    const name = toHeaderText((each.filename ?? '').replace(/[\\/]/gu, '_'));
    const mediaType = /^[\w.+-]+\/[\w.+-]+$/u.test(each.contentType) ? each.contentType : 'application/octet-stream';
    return { name: name === '' ? `attachment ${index + 1}` : name, mediaType, bytes: each.content };
  });
}

const longestReport = 256 * 1024;

/** RFC 3464: a delivery that failed for good; one that is only late is no news. */
function toReturned({ headers, attachments }: ParsedMail, raw: Buffer): IncomingMessage['returned'] {
  if (!isReport({ headers, attachments })) return null;
  const report = raw.subarray(0, longestReport).toString('latin1');
  if (!/^action:\s*failed/imu.test(report)) return null;
  return { report, status: /^status:\s*([245]\.\d{1,3}\.\d{1,3})/imu.exec(report)?.[1] ?? null };
}

function isReport({ headers, attachments }: Pick<ParsedMail, 'headers' | 'attachments'>): boolean {
  const type = headers.get('content-type');
  const isWhole = typeof type === 'object' && 'value' in type && type.value === 'multipart/report';
  return isWhole || attachments.some(({ contentType }) => contentType === 'message/delivery-status');
}

/** What systems write that do not know RFC 3834. */
const autoHeaders = [
  'x-autoreply',
  'x-autorespond',
  'x-autoreply-from',
  'x-mail-autoreply',
  'x-autogenerated',
  'x-vacation',
  'x-auto-response-suppress',
  'x-ms-exchange-inbox-rules-loop',
] as const;
const awaySubject =
  /^\s*(?:(?:re|aw|sv|antw)\s*:\s*)?(?:automatic (?:reply|response)|auto[- ]?(?:reply|response|matic reply)|out[- ]of[- ](?:the[- ])?office|ooo\b|away from (?:my |the )?(?:office|desk|mail)|on vacation|vacation reply|abwesenheits|automatische antwort|réponse automatique|respuesta automática|risposta automatica|resposta automática|automatisch antwoord)/iu;

/** RFC 3834 §2, and what mailing lists and mail servers write. */
function whyAutomatic({ headers, attachments, subject }: ParsedMail): string | null {
  const text = (name: string) => plainOf(headers.get(name)).join(' ').trim().toLowerCase();
  const submitted = text('auto-submitted');
  if (submitted !== '' && !submitted.startsWith('no')) return 'a machine sent it (Auto-Submitted)';
  const precedence = text('precedence');
  if (/\b(bulk|junk|list|auto_reply)\b/u.test(precedence)) return `it is ${precedence} mail (Precedence)`;
  const list = headers.get('list'); // mailparser gathers List-Id, List-Unsubscribe … here
  if (typeof list === 'object' && 'id' in list) return 'a mailing list sent it (List-Id)';
  const answered = autoHeaders.find((name) => text(name) !== '');
  if (answered !== undefined) return `a machine answered (${answered})`;
  if (/^9;/u.test(text('x-post-messageclass'))) return 'a machine answered (X-POST-MessageClass)';
  if (awaySubject.test(subject ?? '')) return 'its subject is that of an automatic answer';
  if (isEmptyPath(headers.get('return-path'))) return 'it is a notice of a mail server (empty Return-Path)';
  if (isReport({ headers, attachments })) return 'it is a report of a mail server';
  return null;
}

function isEmptyPath(value: HeaderValue | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value === 'string') return value.replace(/[<>\s]/gu, '') === '';
  if (typeof value === 'object' && 'text' in value) return (value as AddressObject).text.replace(/[<>\s]/gu, '') === '';
  return false;
}
