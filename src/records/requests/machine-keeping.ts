// Changes of a request that every state takes, and that move no date: the litigation hold, who leads it, its words.
// It must change no state.

import { refuseStep } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import { toChange } from './machine-terms.ts';
import type { Change, Situation } from './machine-terms.ts';
import type { CommandOf } from './request.ts';

export function flagLitigation({ facts }: Situation, command: CommandOf<'flag-litigation'>): Change {
  const { on, note } = command;
  if (facts.litigationHold === on) refuseStep(null, on ? say('records.hold-already') : say('records.no-hold'));
  if (note.trim() === '') refuseStep('note', say('records.hold-note'));
  return toChange('litigation-flagged', 'staff', { on, note }, { litigationHold: on });
}

export function assign(_situation: Situation, command: CommandOf<'assign'>): Change {
  const { department, assignee } = command;
  return toChange('assigned', 'staff', { department, assignee }, { department, assignee });
}

export function describe(_situation: Situation, command: CommandOf<'describe'>): Change {
  const { kind: _kind, ...given } = command;
  const fields = Object.keys(given).filter((name) => given[name as keyof typeof given] !== undefined);
  if (fields.length === 0) refuseStep(null, say('records.nothing-changed'));
  return { ...toChange('described', 'staff', { fields }, {}), words: given };
}

export function publishPage({ facts }: Situation, command: CommandOf<'publish-page'>): Change {
  const { visibility } = command;
  if (facts.visibility === visibility)
    refuseStep(null, visibility === 'public' ? say('records.page-public') : say('records.page-hidden'));
  return toChange('page-published', 'requester', { visibility }, { visibility });
}
