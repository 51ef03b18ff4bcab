// What an office file says: the blocks that a reader sees, and what is hidden, apart.
// It must hold the type alone, so that no reader of a format needs another.

import type { HiddenItem } from '../document.ts';
import type { Block } from './text-pages.ts';

export type OfficeText = { readonly blocks: readonly Block[]; readonly hidden: readonly HiddenItem[] };
