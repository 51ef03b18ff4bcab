// A message as pages, whatever kind of file it came in: who wrote to whom, when, about what, and its words.
// It must show everything that its reader saw, and tell the rest as hidden.

import { cityTimeOf } from '../../../city/days.ts';
import { unsaidInText } from '../../../mail/html-text.ts';
import type { DocumentFlag, HiddenItem } from '../document.ts';
import type { Attachment, Converted } from './convert.ts';
import { toTextPages } from './text-pages.ts';
import type { Block } from './text-pages.ts';

export type Message = {
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  /** As its sender wrote it, in the sender's own zone; null when the file holds only the instant. */
  readonly dated: string | null;
  readonly sentAt: Date | null;
  readonly subject: string;
  readonly plain: string;
  /** The words of its other form. */
  readonly formatted: { readonly as: 'HTML' | 'RTF'; readonly words: string } | null;
  /** What a form of its own shows beside: a meeting's place and times, a contact's telephone numbers. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly hidden: readonly HiddenItem[];
  readonly attachments: readonly Attachment[];
};

/** Its head as the lines `From`, `To` … `timeZone`: in which the city counts, IANA. */
export function toHead(message: Message, timeZone: string): readonly string[] {
  const head: readonly (readonly [string, string])[] = [
    ['From', message.from],
    ['To', message.to],
    ['Cc', message.cc],
    ['Date', toDate(message, timeZone)],
    ['Subject', message.subject],
    ...message.fields,
    ['Attached', message.attachments.map(({ name }) => name).join(', ')],
  ];
  return head.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`);
}

export async function toMessagePages(message: Message, timeZone: string): Promise<Converted> {
  const head = toHead(message, timeZone).map((text): Block => ({ style: 'text', text }));
  const { pdf, flags } = await toTextPages([...head, { style: 'text', text: '' }, ...toBody(message)]);
  const more: DocumentFlag[] = message.attachments.length > 0 ? ['attachments'] : [];
  if (message.hidden.length > 0) more.push('hidden-content');
  return { pdf, flags: [...flags, ...more], hidden: message.hidden, attachments: message.attachments };
}

/** In the sender's own zone and, where that shows another day or hour, in the city's. */
function toDate({ dated, sentAt }: Message, timeZone: string): string {
  if (sentAt === null || Number.isNaN(sentAt.getTime())) return dated ?? '';
  const { date, minutes } = cityTimeOf(sentAt.getTime(), timeZone);
  const two = (number: number) => String(number).padStart(2, '0');
  const here = `${date} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} ${timeZone}`;
  return `${dated ?? sentAt.toISOString().replace('T', ' ').replace('.000Z', ' UTC')} (${here})`;
}

/** Its plain text; its other form where there is none, and both where they differ: the record is all of it. */
function toBody({ plain, formatted }: Message): readonly Block[] {
  const text = plain.trimEnd();
  if (formatted === null) return [{ style: 'text', text }];
  if (text.trim() === '') return [{ style: 'text', text: formatted.words }];
  const more = unsaidInText(text, formatted.words);
  if (more === null) return [{ style: 'text', text }];
  const label = `The ${formatted.as} part of this message`;
  return [
    { style: 'text', text },
    { style: 'label', text: label },
    { style: 'text', text: more },
  ];
}
