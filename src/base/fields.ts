// Refusals that name the field they are about, so that a page can show the sentence beside it.
// It must know no field and no sentence of its own.

import { PortalError } from './errors.ts';
import type { Sentence } from './say.ts';

/** What was written in this field cannot be taken. */
export function refuseField(field: string, sentence: Sentence): never {
  throw new PortalError('form-invalid', { detail: sentence, extra: { field } });
}

/** The act on a request or its records does not fit or lacks something; null: it is about no one field. */
export function refuseStep(field: string | null, sentence: Sentence): never {
  throw new PortalError('records-invalid', { detail: sentence, extra: field === null ? {} : { field } });
}
