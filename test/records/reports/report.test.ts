// The yearly report, the log and timeliness over a small year in which every figure is known by hand.
// It must open each figure to the very requests that make it up.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { closeAll, type Close } from '../../../src/base/closing.ts';
import type { Actor } from '../../../src/base/actor.ts';
import { readReportDefinitions } from '../../../src/records/reports/definition.ts';
import { conditionOf } from '../../../src/records/reports/figures.ts';
import { toReportCsv, toWorksheet, worksheetWords } from '../../../src/records/reports/jlarc.ts';
import { wholeLog } from '../../../src/records/reports/log.ts';
import { openReports } from '../../../src/records/reports/reports.ts';
import type { Reports } from '../../../src/records/reports/reports.ts';
import { yearSpan } from '../../../src/records/reports/year.ts';
import { emptyEntry } from '../../../src/records/reports/yearly.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import { readAudit } from '../../../src/people/audit.ts';
import { staffActor } from '../../people/staff.ts';
import { cityFolder, openTestRecords } from '../records.ts';
import type { TestRecords } from '../records.ts';
import { failsWith } from '../desk/fixture.ts';

const clerk = staffActor('clerk');
const officer = staffActor('records-officer');
const auditor = staffActor('auditor');

describe('a year of reports', () => {
  const closers: Close[] = [];
  after(() => closeAll(closers));
  let site: TestRecords;
  let reports: Reports;
  const made = new Map<string, RequestRecord>();
  const numbers = (...names: string[]) => names.map((name) => made.get(name)!.number).sort();
  const make = async (name: string, on: string, given = {}): Promise<RequestRecord> => {
    site.at(on);
    const request = await site.submit({ text: `Records about ${name}`, ...given });
    made.set(name, request);
    return request;
  };
  const behind = async (figure: string, year = 2026) =>
    (await reports.behind(auditor, year, figure, { after: null, limit: 100 })).rows.map(({ number }) => number);

  before(async () => {
    site = await openTestRecords({ after: (close) => void closers.push(close) }, '2025-12-22');
    reports = await openReports(
      { db: site.database.db, seal: site.seal, law: site.records.law, cityFolder },
      site.effects,
    );
    const letter = '';
    const withheld = [
      { record: 'Email of 2026-03-02', extent: 'part', exemption: exemptionId(), explanation: 'Names a patient.' },
    ] as const;
    const old = await make('old', '2025-12-22'); // open over the turn of the year
    const quick = await make('quick', '2026-03-02');
    site.at('2026-03-06'); // day 4
    await site.act(clerk, quick, { kind: 'provide', message: 'Attached.', withheld: [], electronic: true });
    const week = await make('week', '2026-03-03');
    site.at('2026-03-10'); // the fifth business day, the seventh of the calendar
    await site.act(clerk, week, { kind: 'provide', message: 'Enclosed.', withheld, electronic: false });
    const slow = await make('slow', '2026-03-04');
    await site.act(clerk, slow, { kind: 'acknowledge', estimateOn: '2026-04-15', message: '' });
    const soon = await make('soon', '2026-03-05');
    await site.act(clerk, soon, { kind: 'acknowledge', estimateOn: '2026-03-09', message: '' });
    await site.act(clerk, soon, {
      kind: 'clarify',
      question: 'Which street?',
      extent: 'whole',
      estimateOn: null,
      noEstimateReason: 'It depends on the answer.',
    });
    site.at('2026-03-31');
    const system = { kind: 'system', name: 'clocks' } as const;
    await site.act(system, soon, { kind: 'remind', question: 'Which street?' });
    site.at('2026-04-13');
    const denied = await make('denied', '2026-04-13');
    await site.act(officer, denied, {
      kind: 'deny',
      withheld: [{ ...withheld[0], extent: 'full' }],
      letter,
    });
    site.at('2026-04-20');
    await site.act(officer, soon, { kind: 'close', outcome: 'abandoned_unclarified', reason: '', letter });
    await site.act(clerk, old, { kind: 'withdraw', via: 'phone' });
    site.at('2026-05-04');
    await site.act(officer, quick, { kind: 'reopen', reason: 'More was found.', estimateOn: '2026-06-01' });
    await site.act(officer, slow, {
      kind: 'release',
      installment: 1,
      pages: 12,
      files: 3,
      electronic: true,
      scannedPages: 4,
      withheld: [],
      message: '',
      remains: null,
    });
    site.at('2026-05-05');
    await site.act(officer, slow, { kind: 'claim', installment: 1, how: 'download' });
    await site.records.desk.logTime(clerk, slow.number, {
      activity: 'search',
      onDate: '2026-05-05',
      minutes: 90,
      note: null,
    });
    await site.records.desk.logTime(officer, slow.number, {
      activity: 'review',
      onDate: '2026-05-05',
      minutes: 30,
      note: null,
    });
    await site.act(clerk, week, { kind: 'describe', requesterType: 'media' });
    site.at('2027-01-11'); // the year 2026 is over; quick is closed again in the next one
    await site.act(officer, quick, {
      kind: 'release',
      installment: 1,
      pages: 1,
      files: 1,
      electronic: true,
      scannedPages: 0,
      withheld: [],
      message: '',
      remains: null,
    });
    await site.act(officer, quick, { kind: 'claim', installment: 1, how: 'download' });
  });

  const exemptionId = (): string => site.records.law().exemptions[0]!.exemptions[0]!.id;

  test('every figure of the definition is worked out, and every count opens to its requests', async () => {
    const { figures, definition } = await reports.year(auditor, 2026);
    const named = [...definition.base, ...definition.metrics.flatMap((metric) => metric.figures)];
    for (const { id, unit } of named) {
      assert.ok(id in figures, `${id} is not worked out`);
      if (unit !== 'requests') continue;
      assert.ok(conditionOf(id, yearSpan(2026)) !== null, `${id} opens to nothing`);
      assert.equal((await behind(id)).length, figures[id], id);
    }
    const known = new Set(named.map(({ id }) => id));
    const report = await reports.year(auditor, 2026);
    for (const { figure, column } of definition.worksheet) {
      assert.ok(
        known.has(figure) || figure in worksheetWords(report),
        `the column “${column}” has no figure ${figure}`,
      );
    }
    assert.equal(definition.metrics.length, 15);
    assert.equal(definition.metrics.map(({ letter }) => letter).join(''), 'abcdefghijklmno');
  });

  test('the figures of the year are those counted by hand', async () => {
    const { figures, reasons, isRunning } = await reports.year(auditor, 2026);
    assert.equal(isRunning, false);
    const expected: Readonly<Record<string, readonly string[]>> = {
      'open-before': ['old'],
      received: ['quick', 'week', 'slow', 'soon', 'denied'],
      closed: ['old', 'quick', 'week', 'slow', 'soon', 'denied'],
      'open-after': ['quick'],
      'provided-business': ['quick', 'week'],
      'provided-calendar': ['quick'],
      'estimate-business': ['slow'],
      'estimate-calendar': ['slow'],
      clarified: ['soon'],
      'denied-full': ['denied'],
      'denied-part': ['week'],
      abandoned: ['soon'],
      'abandoned-unclaimed': [],
      withdrawn: ['old'],
      'type-media': ['week'],
      'fulfilled-electronic': ['quick', 'slow'],
      'fulfilled-physical': ['week'],
      scanned: ['slow'],
      'time-requests': ['slow'],
      'closed-reopened': [],
    };
    for (const [id, names] of Object.entries(expected)) assert.deepEqual(await behind(id), numbers(...names), id);
    // Calendar days: old 119, quick 4, week 7, slow 62, soon 46, denied 0.
    assert.equal(figures['days-average'], (119 + 4 + 7 + 62 + 46 + 0) / 6);
    assert.equal(figures['days-median'], (7 + 46) / 2);
    // Business days by the calendar: quick 4 and week 5 are the two in the middle’s lower half.
    assert.equal(figures['business-median'], (5 + 32) / 2);
    assert.equal(figures['time-total'], 120);
    assert.ok(Math.abs(figures['electronic-portion']! - 200 / 3) < 1e-9);
    assert.deepEqual(reasons, [{ exemption: exemptionId(), requests: 2, records: 2 }]);
    assert.deepEqual(await behind(`reason:${exemptionId()}`), numbers('week', 'denied'));
  });

  test('a request opened again counts in each year in which it was closed, with that year’s last closing', async () => {
    const first = await reports.behind(auditor, 2026, 'closed', { after: null, limit: 100 });
    const quick = first.rows.find(({ number }) => number === made.get('quick')!.number)!;
    assert.deepEqual(
      [quick.closedOn, quick.days, quick.businessDays, quick.outcome],
      ['2026-03-06', 4, 4, 'fulfilled'],
    );
    assert.deepEqual(await behind('closed', 2027), numbers('quick'));
    assert.deepEqual(await behind('closed-reopened', 2027), numbers('quick'));
    assert.deepEqual(await behind('provided-business', 2027), []);
    assert.deepEqual(await behind('open-before', 2027), numbers('quick'));
  });

  test('what is not known reads “not specified”, never zero', async () => {
    const report = await reports.year(auditor, 2026);
    for (const id of ['cost-staff', 'cost-total', 'claims', 'litigation-total', 'manage-total'])
      assert.equal(report.figures[id], null, id);
    const sheet = new Map(toWorksheet(report).map(({ column, value }) => [column, value]));
    assert.equal(sheet.get('Claims'), 'not specified');
    assert.equal(sheet.get('Overhead rate applied'), 'not specified');
    assert.equal(sheet.get('Requests received'), '5');
    assert.match(toReportCsv(report), /2026,11 \(k\),Total,not specified,US dollars/u);
    assert.equal((await reports.year(auditor, 2025)).figures['time-total'], null);
  });

  test('entries are versioned; costs follow from rates, and a role without a rate leaves them unknown', async () => {
    const entry = { ...emptyEntry, rates: { clerk: 4_000 }, source: 'Finance, payroll 2026' };
    await assert.rejects(reports.saveEntry(clerk, 2026, 0, entry), failsWith('forbidden'));
    await reports.saveEntry(officer, 2026, 0, entry);
    assert.equal((await reports.year(auditor, 2026)).figures['cost-staff'], null);
    await assert.rejects(reports.saveEntry(officer, 2026, 0, entry), failsWith('conflict'));
    await assert.rejects(reports.saveEntry(officer, 2026, 1, { ...entry, source: ' ' }), failsWith('form-invalid'));
    const amounts = { ...emptyEntry.amounts, legalReview: 50_000, otherCost: 0, manageStaff: 100 };
    const rates = { clerk: 4_000, 'records-officer': 6_000 } as const;
    const full = { ...entry, amounts, rates, overheadThousandths: 125, claimsComplete: true, costsComplete: true };
    await reports.saveEntry(officer, 2026, 1, full);
    const { figures } = await reports.year(auditor, 2026);
    assert.equal(figures['cost-staff'], 6_000 + 3_000); // 90 minutes at 40, 30 at 60
    assert.equal(figures['cost-overhead'], 1_125);
    assert.equal(figures['cost-total'], 60_125);
    assert.equal(figures['cost-average'], Math.round(60_125 / 6));
    assert.equal(figures['manage-total'], null); // only one part is known
    assert.deepEqual([figures['claims'], figures['litigation-total']], [0, 0]);
    assert.equal((await reports.entry(auditor, 2026))?.version, 2);
  });

  test('claims keep every version, and count by kind and exemption; a wrong cost is undone by another', async () => {
    site.at('2027-01-12');
    const words = {
      request: made.get('denied')!.number,
      filedOn: '2026-06-01',
      kind: 'improper-withholding',
      exemption: exemptionId(),
      venue: 'King County Superior Court',
      summary: 'The denial is said to be wrong.',
      endedOn: null,
      outcome: null,
    } as const;
    await assert.rejects(reports.saveClaim(clerk, null, words), failsWith('forbidden'));
    for (const wrong of [
      { filedOn: '2027-02-01' },
      { exemption: 'nothing' },
      { summary: ' ' },
      { request: '2026-999999' },
    ]) {
      await assert.rejects(reports.saveClaim(officer, null, { ...words, ...wrong }), failsWith('form-invalid'));
    }
    const id = await reports.saveClaim(officer, null, words);
    await reports.addClaimCost(officer, id, { year: 2026, kind: 'penalty', cents: 90_000, source: 'Judgment' });
    await reports.addClaimCost(officer, id, { year: 2026, kind: 'penalty', cents: -10_000, source: 'Typing mistake' });
    await reports.addClaimCost(officer, id, { year: 2026, kind: 'legal-fees', cents: 5_000, source: 'Invoice 7' });
    await assert.rejects(
      reports.addClaimCost(officer, '00000000-0000-7000-8000-000000000000', {
        year: 2026,
        kind: 'penalty',
        cents: 1,
        source: 'x',
      }),
      failsWith('not-found'),
    );
    const ended = { ...words, endedOn: '2026-12-01', outcome: 'Settled' };
    await reports.saveClaim(officer, { id, version: 1 }, ended);
    await assert.rejects(reports.saveClaim(officer, { id, version: 1 }, ended), failsWith('conflict'));
    const report = await reports.year(auditor, 2026);
    assert.equal(report.figures['claims'], 1);
    assert.equal(report.figures['litigation-total'], 85_000);
    assert.equal(report.figures['litigation-penalties'], 80_000);
    assert.equal(worksheetWords(report)['claims-by-exemption'], `${exemptionId()}: 1`);
    await assert.rejects(site.database.pool.query(`update records_claims set summary = 'x'`), /never changed/u);
  });

  test('the log tells what the statute asks; its CSV has nobody in it', async () => {
    const page = { after: null, limit: 2, identities: false };
    const first = await reports.log(auditor, wholeLog, page);
    assert.equal(first.total, 6);
    assert.equal(first.entries.length, 2);
    const rest = await reports.log(auditor, wholeLog, { ...page, after: first.next, limit: 100 });
    assert.equal(rest.entries.length, 4);
    assert.equal(rest.next, null);
    const slow = rest.entries.find(({ number }) => number === made.get('slow')!.number)!;
    assert.deepEqual(slow.produced, [
      { onDate: '2026-05-04', kind: 'released', installment: 1, files: 3, pages: 12, links: [] },
    ]);
    assert.equal(slow.disposedOn, '2026-05-05');
    const found = await reports.log(auditor, { ...wholeLog, withheld: true }, { ...page, limit: 10 });
    assert.deepEqual(
      found.entries.map(({ number }) => number),
      numbers('week', 'denied'),
    );
    const pieces: string[] = [];
    for await (const piece of reports.logCsv(auditor, wholeLog)) pieces.push(piece);
    const csv = pieces.join('');
    assert.equal(csv.split('\r\n').length, 8);
    assert.doesNotMatch(csv.toLowerCase(), /canary/u);
    assert.match(csv, /provided; left out here/u);
    assert.match(csv, /Email of 2026-03-02 \(redacted\)/u);
  });

  test('identities are opened only for who may see them, and that is written down', async () => {
    const page = { after: null, limit: 10, identities: true };
    await assert.rejects(reports.log(staffActor('administrator'), wholeLog, page), failsWith('forbidden'));
    const before = (await readAudit(site.database.db, { after: 0, limit: 10_000 })).length;
    const { entries } = await reports.log(auditor, wholeLog, page);
    assert.equal(entries[0]?.requester?.name, 'Canary Whitlock');
    const events = await readAudit(site.database.db, { after: before, limit: 10 });
    assert.deepEqual(
      events.map(({ action, subject, details }) => [action, subject, details['opened']]),
      [['request.see-requester', 'log', 6]],
    );
  });

  test('timeliness: distributions, medians, by month and department', async () => {
    const { all, response, closing, byMonth } = await reports.timeliness(auditor, 2026);
    assert.deepEqual([all.received, all.responded, all.closed], [5, 5, 6]);
    assert.equal(all.respondedLate, 0);
    assert.equal(
      closing.reduce((sum, { requests }) => sum + requests, 0),
      6,
    );
    assert.equal(response.find(({ from }) => from === 4)?.requests, 1); // quick
    assert.equal(response.find(({ from }) => from === 5)?.requests, 1); // week
    assert.deepEqual(
      byMonth.map(({ key, received, closed }) => [key, received, closed]),
      [
        ['2026-03', 4, 2],
        ['2026-04', 1, 3],
        ['2026-05', 0, 1],
      ],
    );
  });

  test('each report is for those whom the table names', async () => {
    const reads: readonly ((actor: Actor) => Promise<unknown>)[] = [
      (actor) => reports.year(actor, 2026),
      (actor) => reports.timeliness(actor, 2026),
      (actor) => reports.claims(actor),
      (actor) => reports.entry(actor, 2026),
      (actor) => reports.behind(actor, 2026, 'received', { after: null, limit: 1 }),
      (actor) => reports.log(actor, wholeLog, { after: null, limit: 1, identities: false }),
      async (actor) => reports.logCsv(actor, wholeLog).return(undefined),
    ];
    for (const read of reads) {
      for (const role of ['clerk', 'records-officer', 'attorney', 'auditor', 'administrator'] as const)
        await read(staffActor(role));
      for (const role of ['publisher', 'redactor', 'cashier', 'review-officer'] as const)
        await assert.rejects(read(staffActor(role)), failsWith('forbidden'));
      await assert.rejects(read({ kind: 'public' }), failsWith('unauthorized'));
    }
    for (const year of [1999, 2050, 2026.5])
      await assert.rejects(reports.year(auditor, year), failsWith('bad-request'));
    await assert.rejects(
      reports.behind(auditor, 2026, 'cost-legal', { after: null, limit: 1 }),
      failsWith('not-found'),
    );
  });

  test('the public sees no count of one to four that tells requests apart', async () => {
    const metrics = await reports.publicMetrics(2026);
    assert.deepEqual([metrics.received, metrics.closed, metrics.openNow], [5, 6, 1]);
    assert.equal(metrics.closingMedianDays, 26.5);
    for (const { requests } of [...metrics.outcomes, ...metrics.exemptions, ...metrics.closing])
      assert.ok(requests === null || requests === 0 || requests >= 5, JSON.stringify(metrics));
    for (const month of metrics.months) assert.equal(month.closingMedianDays, null);
  });
});

test('the definition of the report holds to its shape, with the statute’s words', async () => {
  const [definition] = await readReportDefinitions(cityFolder);
  assert.match(definition!.metrics[0]!.wording, /within five days of receiving the request/u);
  assert.match(definition!.metrics[2]!.wording, /average and median number of days/u);
});
