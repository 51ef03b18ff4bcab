// What pages may ask of the portal: the same functions that answer the API, in process, with plain data.
// It must show a page nothing that the API would not give the same person. web/src/lib/api.ts alone uses it.

import { errorTable, PortalError } from '../base/errors.ts';
import type { GuidePage } from '../city/guide.ts';
import type { CityProfile } from '../city/profile.ts';
import type { Session, Visitor } from '../people/people.ts';
import { noteRefusal } from '../serve/http/hooks.ts';
import type { Portal } from '../serve/portal.ts';
import { toArchivePages } from './archive.ts';
import type { ArchivePages } from './archive.ts';
import { toCataloguePages } from './catalogue.ts';
import type { CataloguePages } from './catalogue.ts';
import { toDocumentsPages } from './documents.ts';
import type { DocumentsPages } from './documents.ts';
import { toLawPages } from './law.ts';
import type { LawPages } from './law.ts';
import { toMailPages } from './mail.ts';
import type { MailPages } from './mail.ts';
import { toMoneyPages } from './money.ts';
import type { MoneyPages } from './money.ts';
import { toPeoplePages } from './people.ts';
import type { PeoplePages } from './people.ts';
import { toReleasePages } from './release.ts';
import type { ReleasePages } from './release.ts';
import { toReportsPages } from './reports.ts';
import type { ReportsPages } from './reports.ts';
import { toRequestsPages } from './requests.ts';
import type { RequestsPages } from './requests.ts';
import { toRetentionPages } from './retention.ts';
import type { RetentionPages } from './retention.ts';
import { toRowsPages } from './rows.ts';
import type { RowsPages, RowsParts, RowsReader } from './rows.ts';
import { toDeskPages } from './desk.ts';
import type { DeskPages } from './desk.ts';

export type PagesApi = CataloguePages &
  RowsPages & {
    readonly requests: RequestsPages;
    readonly law: LawPages;
    readonly money: MoneyPages;
    readonly mail: MailPages;
    readonly people: PeoplePages;
    readonly release: ReleasePages;
    readonly archive: ArchivePages;
    /** The clerk's desk. */
    readonly desk: DeskPages;
    readonly reports: ReportsPages;
    readonly retention: RetentionPages;
    /** Responsive records and their redaction. */
    readonly documents: DocumentsPages;
    city(): CityProfile;
    publicUrl(): string;
    guide(): readonly GuidePage[];
    guidePage(slug: string): GuidePage | null;
    openapi(): Promise<unknown>;
    errorCodes(): readonly { code: string; status: number; sentence: string }[];
    /** Records an error that a page met, with the request and the path it met it in; a refusal as such. */
    report(thrown: unknown, requestId: string | null, path: string): void;
  };

export type PagesReader = RowsReader & { readonly session: Session | null; readonly visitor: Visitor };

export type PagesParts = RowsParts & { readonly openapi: () => unknown };

/** The PagesApi of one request: its reader, its address, and the end of it. */
export function toPagesApi(portal: Portal, parts: PagesParts, reader: PagesReader): PagesApi {
  const { city } = portal;
  const { actor } = reader;
  const { publicUrl } = portal.config;
  return {
    ...toCataloguePages(portal, actor),
    ...toRowsPages(portal, parts, reader),
    people: toPeoplePages(portal.people, reader),
    requests: toRequestsPages(portal, { actor, client: reader.visitor.client }),
    desk: toDeskPages(portal, actor),
    reports: toReportsPages(portal, actor),
    retention: toRetentionPages(portal, actor),
    documents: toDocumentsPages(portal, actor),
    law: toLawPages(portal, actor),
    money: toMoneyPages(portal, actor),
    mail: toMailPages(portal, actor),
    release: toReleasePages(portal, actor),
    archive: toArchivePages(portal, actor),
    city: () => city.profile,
    publicUrl: () => publicUrl,
    guide: () => city.guide,
    guidePage: (slug) => city.guide.find((page) => page.slug === slug) ?? null,
    openapi: async () => parts.openapi(),
    errorCodes: () => Object.entries(errorTable).map(([code, [status, sentence]]) => ({ code, status, sentence })),
    report(thrown, requestId, path) {
      if (thrown instanceof PortalError && thrown.status < 500) return noteRefusal(portal, thrown, { actor, path });
      portal.effects.observe({ kind: 'failure', where: `a page (request ${requestId ?? 'unknown'})`, error: thrown });
    },
  };
}
