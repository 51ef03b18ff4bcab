// The catalogue for pages: the home page, search, datasets and their revisions, departments.
// It must show a page nothing that the API would not give the same person.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import type { Dataset, Department, Revision } from '../catalogue/dataset.ts';
import { unnarrowed } from '../catalogue/search-types.ts';
import type { SearchQuery, SearchResult } from '../catalogue/search-types.ts';
import { toSchemaOrg } from '../catalogue/standards.ts';
import { requireDataset, requireRevision } from '../serve/read/datasets.ts';
import { toDownloadLinks } from '../serve/read/downloads.ts';
import type { DownloadLink } from '../serve/read/downloads.ts';
import type { Portal } from '../serve/portal.ts';
import { toSite } from '../serve/site.ts';

export type { DownloadLink } from '../serve/read/downloads.ts';

export type CataloguePages = {
  home(): Promise<{
    datasets: number;
    rows: number;
    departments: number;
    newest: readonly Dataset[];
    themes: readonly { theme: string; datasets: number }[];
  }>;
  search(query: SearchQuery): Promise<SearchResult>;
  /** By readable id or code; null when there is none. */
  dataset(id: string): Promise<Dataset | null>;
  /** The dataset as it was: its current revision is the one that `asOf` names. Throws what the API throws. */
  datasetAsOf(id: string, asOf: string): Promise<Dataset>;
  revisions(id: string): Promise<readonly Omit<Revision, 'columns' | 'profile' | 'downloads' | 'report'>[]>;
  downloads(id: string): Promise<readonly DownloadLink[]>;
  departments(): Promise<readonly Department[]>;
  department(id: string): Promise<{ department: Department; datasets: SearchResult } | null>;
  /** The dataset as schema.org JSON-LD, for search engines. */
  schemaOrg(id: string): Promise<unknown>;
};

const newestShown = 6;

export function toCataloguePages(portal: Portal, actor: Actor): CataloguePages {
  const { catalogue } = portal;
  const { publicUrl } = portal.config;
  return {
    home: () => home(portal),
    search: (query) => catalogue.search(query),
    dataset: (id) => findDataset(portal, id, actor),
    async datasetAsOf(id, asOf) {
      const dataset = await requireDataset(portal, id, actor);
      return { ...dataset, current: await requireRevision(portal, dataset, asOf) };
    },
    revisions: async (id) => catalogue.revisions((await requireDataset(portal, id, actor)).id),
    downloads: async (id) => toDownloadLinks(publicUrl, await requireDataset(portal, id, actor), null),
    departments: async () => catalogue.departments(),
    async department(id) {
      const department = catalogue.department(id);
      if (department === null) return null;
      return { department, datasets: await catalogue.search({ ...everything, department: [id] }) };
    },
    schemaOrg: async (id) => toSchemaOrg(await requireDataset(portal, id, actor), toSite(portal)),
  };
}

const everything: SearchQuery = { ...unnarrowed, sort: 'updated', limit: 100 };

async function findDataset(portal: Portal, id: string, actor: Actor): Promise<Dataset | null> {
  try {
    return await requireDataset(portal, id, actor);
  } catch (error) {
    if (error instanceof PortalError && error.code === 'dataset-not-found') return null;
    throw error;
  }
}

async function home(portal: Portal) {
  const { catalogue } = portal;
  const all = catalogue.list({ limit: Number.MAX_SAFE_INTEGER, after: null });
  const found = await catalogue.search({ ...everything, limit: newestShown });
  return {
    datasets: all.total,
    rows: all.datasets.reduce((sum, dataset) => sum + dataset.current.rows, 0),
    departments: catalogue.departments().filter((department) => department.datasets > 0).length,
    newest: found.hits.map((hit) => catalogue.view(hit.id)).filter((dataset) => dataset !== null),
    themes: found.facets.theme.map(({ value, count }) => ({ theme: value, datasets: count })),
  };
}
