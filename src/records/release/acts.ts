// A release of records as a row: what the staff choose, and the letter shown before it goes.
// It must hold no rule; release.ts does.

import { Type } from 'typebox';

import { refuseStep } from '../../base/fields.ts';
import { choiceOf, textOf } from '../../base/form.ts';
import type { FormValues } from '../../base/form.ts';
import { say } from '../../base/say.ts';
import { exact, nullable } from '../../base/schemas.ts';
import { dayOrNone, own, ownOr, text, version, written } from '../../base/inputs.ts';
import type { Inputs } from '../../base/inputs.ts';
import { actsOf } from '../../people/act.ts';
import type { LetterPreview } from '../desk/letters.ts';
import { deliveries } from '../requests/request.ts';
import type { Delivery } from '../requests/request.ts';
import type { ReleaseChoice } from './installment.ts';
import type { Releases } from './releases.ts';


const delivery = Type.Unsafe<Delivery>(Type.String({ enum: [...deliveries] }));
const remains = nullable(exact({ what: Type.String(), nextOn: Type.String({ format: 'date' }) }));

const inputs: Inputs<ReleaseChoice> = {
  version: version(),
  documents: own<readonly string[]>(
    Type.Array(Type.String(), { description: 'Ids of documents.' }),
    (form) => form['documents'] ?? [],
  ),
  delivery: own(delivery, readDelivery),
  place: written(),
  fromOn: dayOrNone(),
  scannedPages: ownOr(Type.Integer({ minimum: 0 }), 0, (form) => Number(textOf(form, 'scannedPages') || '0')),
  message: text(),
  remains: own<ReleaseChoice['remains']>(remains, readRemains),
};

const atRequest = actsOf<Releases, string>();
const letter = exact({ kind: Type.String(), subject: nullable(Type.String()), body: Type.String() });

/** At a request, by its number. */
export const releaseActs = {
  release: atRequest(
    'request.release',
    'Release records in an installment, with its letter; `remains` null: it is the last',
    inputs,
    async (releases, actor, number, choice) => {
      const { installment } = await releases.release(actor, number, choice);
      return { installment };
    },
    { description: 'The number of the installment.', schema: exact({ installment: Type.Integer() }) },
  ),
  preview: atRequest(
    'request.release',
    'The letter of a release, before it goes',
    inputs,
    async (releases, actor, number, choice): Promise<{ readonly letters: readonly LetterPreview[] }> => ({
      letters: await releases.preview(actor, number, choice),
    }),
    { description: 'What would be sent.', schema: exact({ letters: Type.Array(letter) }) },
  ),
};

function readDelivery(form: FormValues): Delivery {
  return choiceOf(form, 'delivery', deliveries) ?? refuseStep('delivery', say('records.release-how'));
}

function readRemains(form: FormValues): ReleaseChoice['remains'] {
  if (textOf(form, 'isLast') === 'yes') return null;
  return { what: textOf(form, 'remains'), nextOn: textOf(form, 'nextOn') };
}
