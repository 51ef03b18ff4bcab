// Releasing records, as the rest of the portal uses it: one object of functions over one set of dependencies.
// It must hold no rule: each function lives in the file that its name points to.

import type { Actor, RequesterActor } from '../../base/actor.ts';
import type { LetterPreview } from '../desk/letters.ts';
import type { Desk } from '../desk/desk.ts';
import { noteDownload, openReleased } from './download.ts';
import type { IsPublicPage, OpenedRelease } from './download.ts';
import type { Installment, ReleaseChoice, ReleaseView } from './installment.ts';
import { readOwnInstallments, viewRelease } from './reading.ts';
import { admit, plan, releaseInstallment } from './release.ts';
import type { Released, ReleaseDeps } from './release.ts';
import { readReviews } from './reviews.ts';
import type { Review } from './reviews.ts';

/** A request's id or number, and the id of a released file. */
type Wanted = { readonly request: string; readonly file: string };

export type Releases = {
  /** Every document with what is missing, and what went out. Permission `request.work`. */
  readonly view: (actor: Actor, request: string) => Promise<ReleaseView>;
  /** The letter that a release would send; nothing is released. Permission `request.release`. */
  readonly preview: (actor: Actor, request: string, choice: ReleaseChoice) => Promise<readonly LetterPreview[]>;
  /** Permission `request.release`. */
  readonly release: (actor: Actor, request: string, choice: ReleaseChoice) => Promise<Released>;
  /** What whoever follows the request has been given. */
  readonly own: (actor: RequesterActor, request: string) => Promise<readonly Installment[]>;
  /** Throws not-found for whoever may not have the file. */
  readonly open: (actor: Actor, wanted: Wanted) => Promise<OpenedRelease>;
  /** A download by the requester begins: it claims the installment. */
  readonly noteDownload: (actor: Actor, wanted: Wanted) => Promise<void>;
  /** Refusals that somebody asked to have reviewed, the first due first. Permission `request.work`. */
  readonly reviews: (actor: Actor) => Promise<readonly Review[]>;
};

export function openReleases(
  deps: ReleaseDeps & { readonly letters: Desk['preview']; readonly isPublicPage: IsPublicPage },
): Releases {
  return Object.freeze({
    view: (actor, request) => viewRelease(deps, actor, request),
    async preview(actor, idOrNumber, choice) {
      const { request } = await admit(deps, actor, idOrNumber);
      const { command } = await deps.db.transaction((tx) => plan(deps, tx, request, choice));
      return deps.letters(actor, { id: request.id, version: choice.version }, command);
    },
    release: (actor, request, choice) => releaseInstallment(deps, actor, request, choice),
    own: (actor, request) => readOwnInstallments(deps, actor, request),
    open: (actor, wanted) => openReleased(deps, deps.isPublicPage, actor, wanted),
    noteDownload: (actor, wanted) => noteDownload(deps, actor, wanted),
    reviews: (actor) => readReviews(deps.db, actor),
  } satisfies Releases);
}
