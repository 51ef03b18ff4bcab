// Exemptions: the law that may be cited when something is withheld, by id. It must hold none itself.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { CityDate } from '../../city/days.ts';
import { versionOn } from '../../city/versions.ts';
import type { Exemption, Law } from './law.ts';

/** Those that hold on a date, in the order of the law's data. */
export function exemptionsOn(law: Law, date: CityDate): readonly Exemption[] {
  return versionOn(law.exemptions, date).exemptions;
}

/** Throws records-invalid: RCW 42.56.210(3) wants the specific exemption, so an unknown one withholds nothing. */
export function citedExemption(law: Law, date: CityDate, id: string): Exemption {
  const found = exemptionsOn(law, date).find((exemption) => exemption.id === id);
  if (found === undefined) {
    throw new PortalError('records-invalid', say('law.no-exemption', { exemption: id.slice(0, 60) }));
  }
  return found;
}
