// Who is asking. Everybody may read what is public; writing needs a token or, on the portal's own machine, its key file.

export type Actor =
  | { readonly kind: 'public' }
  | { readonly kind: 'machine'; readonly name: string } // the machine that owns DATA_DIR
  | { readonly kind: 'token'; readonly id: string; readonly name: string };

export const publicActor: Actor = { kind: 'public' };

export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case 'public':
      return 'public';
    case 'machine':
      return actor.name;
    case 'token':
      return actor.name;
  }
}
