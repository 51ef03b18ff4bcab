// The tabs of a request's page for the staff, in order. A part of the portal adds its own line.
// It must not hold words: those are the catalogue's.

import type { WordKey } from './words.ts';

export type RequestTab = {
  /** Behind /staff/requests/<number>; empty is the request itself. */
  readonly path: string;
  readonly label: WordKey;
};

export const requestTabs: readonly RequestTab[] = [
  { path: '', label: 'desk.tab.request' },
  { path: 'messages', label: 'desk.tab.messages' },
  { path: 'tasks', label: 'desk.tab.tasks' },
  { path: 'documents', label: 'redact.tab' },
  { path: 'release', label: 'release.tab' },
  { path: 'publish', label: 'archive.tab' },
  { path: 'time', label: 'desk.tab.time' },
  { path: 'fees', label: 'fees.tab' },
];
