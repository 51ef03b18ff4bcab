// Made-up values for the design page, so that every component can be seen at once. It must not be used by another page.

import type { ColumnProfile } from '../../../src/catalogue/dataset.ts';
import type { Column } from '../../../src/query/column.ts';
import type { RowsView } from '../../../src/pages/rows.ts';
import type { ShownError } from './api.ts';

const column: Omit<Column, 'name' | 'title' | 'type'> = {
  description: null,
  unit: null,
  meaning: null,
  sourceFormat: null,
  derivedFrom: null,
};

export const designColumn: Column = { ...column, name: 'cost', title: 'Cost', type: { kind: 'number' } };

export const designProfile: ColumnProfile = {
  name: 'cost',
  nulls: 12,
  distinct: 640,
  distinctApproximate: false,
  min: '0',
  max: '1200',
  mean: 411,
  median: 370,
  histogram: {
    edges: Array.from({ length: 13 }, (_, index) => String(index * 100)),
    counts: [18, 52, 131, 204, 187, 149, 98, 63, 41, 28, 17, 12],
  },
  top: [
    { value: '250', count: 41 },
    { value: '300', count: 33 },
    { value: '1200', count: 4 },
  ],
};

export const designView: RowsView = {
  columns: [{ ...column, name: 'title', title: 'Title', type: { kind: 'text' } }, designColumn],
  rows: [
    { id: 1, cells: ['First example', '412.50'] },
    {
      id: 2,
      cells: [
        'Second example, with a title that is long enough to need a second line in a narrow column of a table',
        null,
      ],
    },
    { id: 3, cells: [null, '98'] },
  ],
  total: 3,
  next: null,
  sentence: '',
  revision: '',
  sorts: [],
};

export const designError: ShownError = {
  code: 'unknown-column',
  status: 400,
  message: 'There is no column “wrad”. Did you mean “ward”?',
  position: { parameter: 'where', start: 0, end: 4 },
  text: "wrad = 3 AND status = 'open'",
  suggestion: 'ward',
};
