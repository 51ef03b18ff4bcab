// Opens the answers that are given again from the request line alone, before any route is looked for.
// It must count and log each of them like every other answer.

import type { Portal } from '../serve/portal.ts';
import { openHotAnswers } from '../serve/read/hot.ts';

const maxBytes = 32 * 1024 * 1024;

export function openHot(
  parts: Pick<Portal, 'catalogue' | 'metrics' | 'requestIds' | 'log' | 'effects'>,
): Portal['hot'] {
  const { catalogue, metrics, requestIds, log, effects } = parts;
  return openHotAnswers(maxBytes, {
    isCurrent({ datasetId, revisionId, immutable }) {
      const dataset = catalogue.view(datasetId);
      return dataset !== null && (immutable || dataset.current.id === revisionId);
    },
    newRequestId: (request) => requestIds.next(request),
    nowMs: () => effects.clock.monotonicMs(),
    finished(request, response, id, bytes, startMs) {
      const elapsedMs = effects.clock.monotonicMs() - startMs;
      metrics.hot(elapsedMs, response.statusCode);
      if (!log.logsRequests) return;
      const path = (request.url ?? '').split('?')[0]!;
      const facts = {
        id,
        method: request.method ?? '',
        path,
        status: response.statusCode,
        bytes,
        elapsedMs,
        actor: 'public',
      };
      log.request(facts);
    },
  });
}
