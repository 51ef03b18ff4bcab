// Every kind of page that the portal has, as addresses of the sample catalogue. Tests and screenshots walk this list.
// It must be complete: a test compares it with the routes of web/src/routes.

import type { Role } from '../../src/base/actor.ts';

export type Route = {
  /** The folder in web/src/routes. */
  readonly route: string;
  readonly path: string;
  readonly status: number;
};

/** Pages that open only with a role; test/web/staff.test.ts walks them signed in with it, and is refused without. */
export type StaffRoute = { readonly route: string; readonly path: string; readonly role: Role };

export const staffRoutes: readonly StaffRoute[] = [
  { route: 'staff', path: '/staff', role: 'clerk' },
  { route: 'staff/people', path: '/staff/people', role: 'administrator' },
  { route: 'staff/calendar', path: '/staff/calendar', role: 'records-officer' },
  { route: 'staff/requests', path: '/staff/requests', role: 'clerk' },
  { route: 'staff/requests/new', path: '/staff/requests/new', role: 'clerk' },
  { route: 'staff/requests/search', path: '/staff/requests/search', role: 'attorney' },
  { route: 'staff/calendar/due', path: '/staff/calendar/due', role: 'auditor' },
  { route: 'staff/demand', path: '/staff/demand', role: 'clerk' },
  { route: 'staff/drafts', path: '/staff/drafts', role: 'publisher' },
  { route: 'staff/reviews', path: '/staff/reviews', role: 'review-officer' },
  { route: 'staff/workload', path: '/staff/workload', role: 'clerk' },
  { route: 'staff/reports', path: '/staff/reports', role: 'auditor' },
  { route: 'staff/reports/jlarc/[year]', path: '/staff/reports/jlarc/2026', role: 'records-officer' },
  { route: 'staff/reports/jlarc/[year]/[figure]', path: '/staff/reports/jlarc/2026/received', role: 'attorney' },
  { route: 'staff/reports/jlarc/[year]/entry', path: '/staff/reports/jlarc/2026/entry', role: 'records-officer' },
  { route: 'staff/reports/log', path: '/staff/reports/log', role: 'clerk' },
  { route: 'staff/reports/timeliness', path: '/staff/reports/timeliness', role: 'administrator' },
  { route: 'staff/reports/claims', path: '/staff/reports/claims', role: 'records-officer' },
  { route: 'staff/retention', path: '/staff/retention', role: 'records-officer' },
  { route: 'account', path: '/account', role: 'auditor' },
  { route: 'account/app', path: '/account/app', role: 'auditor' },
  { route: 'sign-out', path: '/sign-out', role: 'auditor' },
];

/** Pages that exist only for whom they were made, in the middle of something: each has a test that comes there. */
export const reachedRoutes: readonly string[] = [
  'sign-in/code',
  'sign-in/enrol',
  'staff/people/[id]',
  'records/new/check',
  'records/new/saved',
  'records/requests/[number]',
  'records/requests/[number]/fees',
  'staff/requests/[number]',
  'staff/requests/[number]/messages',
  'staff/requests/[number]/tasks',
  'staff/requests/[number]/time',
  'staff/requests/[number]/release',
  'staff/requests/[number]/publish',
  'staff/drafts/[id]',
  'records/archive/[number]',
  'staff/requests/[number]/do/[action]',
  'staff/requests/[number]/fees',
  'staff/retention/[id]',
  'staff/requests/[number]/documents',
  'staff/requests/[number]/documents/[document]',
  'staff/mail',
  'staff/mail/letters/[id]',
  'staff/mail/messages/[id]',
];

/** `dataset` has geometry and a column `column` with a histogram; `department` publishes it. */
export function listRoutes(names: {
  readonly dataset: string;
  readonly column: string;
  readonly department: string;
}): readonly Route[] {
  const { dataset, column, department } = names;
  const ok = (route: string, path: string): Route => ({ route, path, status: 200 });
  return [
    ok('', '/'),
    ok('search', '/search'),
    ok('records/metrics', '/records/metrics'),
    ok('search', `/search?q=permits&format=csv`),
    ok('search', '/search?q=zzqqxx+nothingatall'),
    ok('datasets/[id]', `/datasets/${dataset}`),
    ok('datasets/[id]/rows', `/datasets/${dataset}/rows`),
    ok('datasets/[id]/rows', `/datasets/${dataset}/rows?filter=${column}~filled~&order=${column}+desc`),
    { route: 'datasets/[id]/rows', path: `/datasets/${dataset}/rows?where=no_such_column+%3D+1`, status: 400 },
    ok('datasets/[id]/api', `/datasets/${dataset}/api`),
    ok('datasets/[id]/revisions', `/datasets/${dataset}/revisions`),
    ok('datasets/[id]/columns/[name]', `/datasets/${dataset}/columns/${column}`),
    ok('departments', '/departments'),
    ok('departments/[id]', `/departments/${department}`),
    ok('records/archive', '/records/archive'),
    ok('records/archive', '/records/archive?q=bridge&year=2026'),
    ok('guide', '/guide'),
    ok('guide/[slug]', '/guide/public-records'),
    ok('guide/[slug]', '/guide/check-access'),
    ok('developers', '/developers'),
    ok('errors', '/errors'),
    ok('design', '/design'),
    ok('records', '/records'),
    ok('records/deadlines', '/records/deadlines'),
    ok('records/deadlines', '/records/deadlines?received=2026-12-24&clock=C1'),
    ok('records/deadlines', '/records/deadlines?received=2026-06-03&clock=C3'),
    ok('records/deadlines', '/records/deadlines?received=1899-01-01'),
    ok('records/new', '/records/new'),
    ok('records/new/answered', '/records/new/answered'),
    ok('records/follow', '/records/follow'),
    ok('records/follow', '/records/follow?wrong'),
    ok('sign-in', '/sign-in'),
    ok('sign-in', '/sign-in?refused=unauthorized'),
    { route: 'sign-in/invitation/[secret]', path: '/sign-in/invitation/no-such-link', status: 410 },
    { route: '', path: '/there/is/nothing-here', status: 404 },
    { route: 'datasets/[id]', path: '/datasets/no-such-dataset', status: 404 },
  ];
}
