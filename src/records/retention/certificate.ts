// The certificate of a destruction as PDF: what, how many, which sums, by which authority, who, when.
// It must name nobody but the two members of the staff who answer for it.

import { toPaper } from '../money/paper.ts';
import type { Destruction } from './destructions.ts';

/** Of one that has ended: `endedAt` is when. */
export function toCertificate(
  destruction: Destruction & { readonly endedAt: string },
  city: { readonly name: string; readonly language: string },
): Promise<Buffer> {
  const { authority, items } = destruction;
  const destroyed = items.filter(({ state }) => state === 'destroyed');
  const kept = items.filter(({ state }) => state === 'kept');
  const things = destroyed.flatMap(({ number, contents }) => contents.map((thing) => ({ number, ...thing })));
  const bytes = things.reduce((sum, thing) => sum + thing.bytes, 0);
  const { count, unit } = authority.length;
  return toPaper({
    title: `Certificate of destruction ${destruction.number}`,
    city: city.name,
    language: city.language,
    madeAt: destruction.endedAt,
    facts: [
      ['Series', authority.title],
      ['Kept for', `${count} ${unit} from the closing of the request`],
      ['Disposition authority', authority.dispositionAuthority],
      ['Source of the schedule', authority.source],
      ['Destroyed', `${things.length} items of ${destroyed.length} requests, ${bytes} bytes`],
      ['Proposed by', `${destruction.proposedBy}, ${destruction.proposedAt}`],
      ['Approved by', `${destruction.approvedBy ?? ''}, ${destruction.approvedAt ?? ''}`],
      ['Completed', destruction.endedAt],
    ],
    table: {
      caption: 'What was destroyed',
      head: ['Request and item', 'SHA-256', 'Pages'],
      rows: things.map(({ number, what, sha256, pages }) => [
        `${number}: ${what}`,
        sha256,
        pages === null ? '' : String(pages),
      ]),
    },
    text: [
      'The key of each record was destroyed, then its stored files were removed. Without the key no copy of these ' +
        'files can be opened. The log of the requests (RCW 40.14.026(4)) and this certificate are kept.',
      ...kept.map(({ number, reason }) => `Request ${number} was kept: ${reason ?? ''}.`),
    ].join('\n\n'),
  });
}
