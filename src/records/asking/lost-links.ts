// A lost link comes again to the address of the request, when number and address belong together.
// It must tell nobody whether they do: whoever asks only leaves a sealed job, the same for all; the work is done later.

import { eq } from '../../db/drizzle.ts';

import type { Effects } from '../../base/effects.ts';
import type { Job, Jobs } from '../../jobs/job.ts';
import type { Seal } from '../../base/seal.ts';
import { recordsRequests } from '../../db/tables-records.ts';
import { queueLetter } from '../../mail/outbox.ts';
import { emailIndex, openRequester } from '../requests/requesters.ts';
import { numberPattern } from '../requests/requests.ts';
import type { RequestsParts } from '../requests/requests.ts';
import { secretOf } from '../requests/secrets.ts';

export type AskedLink = { readonly number: string; readonly email: string };

export const lostLinkJob = 'records-lost-link';

export type LostLinkData = { readonly asked: string };

const purpose = 'records lost link';
/** Nothing that a number or an address can be is longer. */
const longest = 320;

/** Answers when the job is kept: one insertion, whatever was asked. */
export async function askForLink(seal: Seal, jobs: Pick<Jobs, 'send'>, given: AskedLink): Promise<void> {
  const asked: AskedLink = {
    number: given.number.trim().slice(0, longest),
    email: given.email.trim().slice(0, longest),
  };
  await jobs.send(lostLinkJob, { asked: seal.seal(asked, purpose).toString('base64') } satisfies LostLinkData);
}

/** The job: done twice, it is one letter. */
export async function sendLostLink(
  parts: RequestsParts,
  job: Pick<Job<LostLinkData>, 'id' | 'data'>,
  effects: Effects,
): Promise<void> {
  const { db, seal, publicUrl } = parts;
  const asked = seal.open(Buffer.from(job.data.asked, 'base64'), purpose) as AskedLink;
  if (!numberPattern.test(asked.number)) return;
  const index = emailIndex(seal, asked.email);
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(recordsRequests).where(eq(recordsRequests.number, asked.number)).for('share');
    if (row === undefined || row.submitKey === null) return;
    const to = openRequester(seal, row)?.email ?? null;
    if (to === null || row.requesterEmailIndex?.equals(index) !== true) return;
    const link = `${publicUrl}/records/follow/${secretOf(seal, row.submitKey)}`;
    await queueLetter(
      tx,
      seal,
      {
        to,
        subject: `The link to your request ${row.number}`,
        text:
          `You asked for the link to your public records request ${row.number}:\n\n${link}\n\n` +
          'Whoever has it can read the request and act on it. If you did not ask for it, you need do nothing.\n',
        kind: 'request-link',
        requestId: row.id,
        requestNumber: row.number,
        dedupeKey: `lost link ${job.id}`,
        unsolicited: true,
      },
      effects,
    );
  });
}
