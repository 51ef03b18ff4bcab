// What a records officer enters for the reports, one row each: a year's figures, claims, what claims cost.
// It must hold no rule; yearly.ts and claims.ts do. In a form amounts come as people write them: 1,234.50.

import { Type } from 'typebox';

import { refuseField } from '../../base/fields.ts';
import { choiceOf, signedCentsOf, textOf, versionOrNoneOf, writtenOf } from '../../base/form.ts';
import type { FormValues } from '../../base/form.ts';
import {
  allRequired,
  answerOf,
  day,
  dayOrNone,
  line,
  own,
  required,
  text,
  version,
  whole,
  written,
} from '../../base/inputs.ts';
import type { Inputs } from '../../base/inputs.ts';
import { say } from '../../base/say.ts';
import { exact, nullable, oneOf } from '../../base/schemas.ts';
import { actsOf } from '../../people/act.ts';
import { claimKinds, costKinds } from './claims.ts';
import type { ClaimWords } from './claims.ts';
import type { Reports } from './reports.ts';
import { emptyEntry, ratedRoles, reportingStatuses, yearlyAmounts } from './yearly.ts';
import type { YearlyEntry } from './yearly.ts';

const cents = Type.Integer({ description: 'In cents.' });
const made = { description: 'The claim.', schema: exact({ id: Type.String() }), status: 201 } as const;

/** A year’s figures as JSON; what is not stated is null, never zero. */
export const yearlyEntrySchema = exact({
  amounts: exact(Object.fromEntries(yearlyAmounts.map((name) => [name, nullable(cents)]))),
  rates: exact(Object.fromEntries(ratedRoles.map((role) => [role, Type.Optional(cents)])), {
    description: 'Cents for an hour, by role.',
  }),
  overheadThousandths: nullable(Type.Integer({ description: 'Of the staff’s pay: 125 is 12.5 %.' })),
  claimsComplete: Type.Boolean(),
  costsComplete: Type.Boolean(),
  status: nullable(oneOf(reportingStatuses)),
  customizedDescription: nullable(Type.String()),
  comments: nullable(Type.String()),
  source: Type.String({ description: 'Where the figures come from.' }),
});
const seen = Type.Integer({ minimum: 0, description: 'The version that was seen; 0: nothing was there.' });

const ofYear = actsOf<Reports, number>();

/** Of a year. */
export const yearActs = {
  entry: ofYear(
    'report.enter',
    'Enter a year’s figures for the yearly report (RCW 40.14.026(5))',
    { version: own(seen, versionOrNoneOf), entry: own<YearlyEntry>(yearlyEntrySchema, readEntry) },
    (reports, actor, year, given) => reports.saveEntry(actor, year, given.version, given.entry),
  ),
};

const claimInputs: Inputs<ClaimWords> = {
  request: written(),
  filedOn: day(),
  kind: answerOf(claimKinds, say('reports.claim-kind')),
  exemption: written(),
  venue: written(),
  summary: required(text()),
  endedOn: dayOrNone(),
  outcome: written('text'),
};

const anywhere = actsOf<Reports, null>();

/** At no claim yet. */
export const registerActs = {
  claims: anywhere(
    'report.enter',
    'Enter a claim against the City over a request',
    claimInputs,
    async (reports, actor, _at, words) => ({ id: await reports.saveClaim(actor, null, words) }),
    made,
  ),
};

const atClaim = actsOf<Reports, string>();

/** At a claim, by its id. */
export const claimActs = {
  change: atClaim(
    'report.enter',
    'A new version of a claim',
    { version: version(), ...allRequired(claimInputs) },
    async (reports, actor, id, { version: at, ...words }) =>
      void (await reports.saveClaim(actor, { id, version: at }, words)),
  ),
  costs: atClaim(
    'report.enter',
    'Enter what a claim cost; a negative amount undoes an earlier one',
    {
      year: whole(),
      kind: answerOf(costKinds, say('reports.cost-kind')),
      cents: own(cents, (form) => signedCentsOf(form, 'amount') ?? refuseField('amount', say('reports.amount-zero'))),
      source: required(line()),
    },
    (reports, actor, claim, cost) => reports.addClaimCost(actor, claim, cost),
  ),
};

function readEntry(form: FormValues): YearlyEntry {
  const amounts = Object.fromEntries(yearlyAmounts.map((name) => [name, signedCentsOf(form, name)]));
  const rates = ratedRoles.flatMap((role): [string, number][] => {
    const rate = signedCentsOf(form, `rate-${role}`);
    return rate === null ? [] : [[role, rate]];
  });
  const overhead = textOf(form, 'overhead');
  const thousandths = Math.round(Number(overhead.replace('%', '').trim()) * 10);
  if (overhead !== '' && !Number.isFinite(thousandths)) refuseField('overhead', say('reports.overhead-number'));
  return {
    ...emptyEntry,
    amounts: amounts as YearlyEntry['amounts'],
    rates: Object.fromEntries(rates),
    overheadThousandths: overhead === '' ? null : thousandths,
    claimsComplete: textOf(form, 'claimsComplete') !== '',
    costsComplete: textOf(form, 'costsComplete') !== '',
    status: choiceOf(form, 'status', reportingStatuses),
    customizedDescription: writtenOf(form, 'customizedDescription'),
    comments: writtenOf(form, 'comments'),
    source: textOf(form, 'source'),
  };
}
