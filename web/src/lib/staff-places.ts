// The places of the staff's side: one row a place, with the act that somebody must be allowed to find it listed.
// It must not guard anything: the functions behind each place do.

import type { PeoplePages } from '../../../src/pages/people.ts';
import type { WordKey } from './words.ts';

type Action = Parameters<PeoplePages['may']>[0];
export type StaffPlace = {
  readonly href: string;
  readonly action: Action;
  readonly title: WordKey;
  readonly about: WordKey;
};

/** In the order of the navigation. */
export const staffPlaces: readonly StaffPlace[] = [
  { href: '/staff/requests', action: 'request.work', title: 'desk.queue.title', about: 'desk.place.about' },
  { href: '/staff/reviews', action: 'request.decide-review', title: 'reviews.title', about: 'reviews.lead' },
  { href: '/staff/demand', action: 'archive.draft-dataset', title: 'demand.title', about: 'demand.about' },
  { href: '/staff/drafts', action: 'archive.draft-dataset', title: 'drafts.title', about: 'drafts.lead' },
  { href: '/staff/mail', action: 'mail.read', title: 'mail.title', about: 'mail.about' },
  { href: '/staff/calendar', action: 'calendar.edit', title: 'law.calendar.title', about: 'law.calendar.about' },
  { href: '/staff/reports', action: 'report.read', title: 'reports.title', about: 'reports.about' },
  { href: '/staff/retention', action: 'report.read', title: 'retention.title', about: 'retention.about' },
  { href: '/staff/people', action: 'people.list', title: 'people.title', about: 'people.about' },
];

/** Those that whoever is signed in may see, without what is only known on the server. */
export function placesFor(people: Pick<PeoplePages, 'may'>): readonly Pick<StaffPlace, 'href' | 'title' | 'about'>[] {
  return staffPlaces
    .filter(({ action }) => people.may(action))
    .map(({ href, title, about }) => ({ href, title, about }));
}
