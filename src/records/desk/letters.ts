// The letter that an action would send, shown before it is sent, and what an edited one must still say.
// It must send nothing: what it tries is undone before anybody can see it.

import { eq } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsMessages } from '../../db/tables-records.ts';
import { messagePurpose } from '../requests/letters.ts';
import type { MessageContent } from '../requests/letters.ts';
import type { RequestCommand, RequestsCore } from '../requests/request.ts';

export type LetterPreview = {
  /** The id of its template. */
  readonly kind: string;
  readonly subject: string | null;
  readonly body: string;
};

/** Carries what was seen out of the transaction that is undone. */
class Undone extends Error {
  readonly letters: readonly LetterPreview[];

  constructor(letters: readonly LetterPreview[]) {
    super('undone on purpose');
    this.letters = letters;
  }
}

/** What `transition` would send to the requester, by doing it and undoing it. Throws what `transition` throws. */
export async function previewLetters(
  core: RequestsCore,
  seal: Seal,
  actor: Actor,
  request: { readonly id: string; readonly expectedVersion: number | null },
  command: RequestCommand,
): Promise<readonly LetterPreview[]> {
  try {
    return await core.db.transaction(async (tx) => {
      const before = new Set((await readMessages(tx, request.id)).map(({ id }) => id));
      await core.transition(tx, actor, request, command);
      const letters = (await readMessages(tx, request.id))
        .filter(({ id, direction }) => direction === 'out' && !before.has(id))
        .map(({ id, kind, content }) => {
          const opened = seal.open(content, messagePurpose(id)) as MessageContent;
          return { kind, subject: opened.subject, body: opened.body };
        });
      throw new Undone(letters);
    });
  } catch (error) {
    if (error instanceof Undone) return error.letters;
    throw error;
  }
}

async function readMessages(tx: Transaction, requestId: string) {
  const { id, kind, direction, content } = recordsMessages;
  return tx
    .select({ id, kind, direction, content })
    .from(recordsMessages)
    .where(eq(recordsMessages.requestId, requestId));
}

const lawful = [
  /RCW \d+[A-Z]?\.\d+\.\d+(?:\(\w+\))*/gu,
  /\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}/gu,
  /\$[\d,]+\.\d\d/gu,
] as const;

/** The citations, dates and amounts that the letter of the template says and this text does not, each once. */
export function missingParts(template: string, text: string): readonly string[] {
  const flat = text.replace(/\s+/gu, ' ');
  const said = lawful.flatMap((pattern) => template.replace(/\s+/gu, ' ').match(pattern) ?? []);
  return [...new Set(said)].filter((part) => !flat.includes(part));
}

/** Throws records-invalid with what is missing: what the law has a letter say is never left out in silence. */
export function requireParts(template: string, text: string): void {
  const missing = missingParts(template, text);
  if (missing.length === 0) return;
  throw new PortalError('records-invalid', {
    detail: say('desk.letter-lacks', { missing: missing.join('; ') }),
    extra: { field: 'letter', missing },
  });
}
