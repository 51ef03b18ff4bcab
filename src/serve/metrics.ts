// What the portal counts, in Prometheus's text form at /metrics.
// It must not label by anything a client chooses (paths, ids, queries): only by route pattern, method and status.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { Engine } from '../engine/engine.ts';
import type { StoreHealth } from '../store/health.ts';
import type { Jobs } from '../jobs/job.ts';
import type { Mail } from '../mail/mail.ts';
import type { AnswerCache } from './read/cache.ts';
import type { ClientGate } from './read/gate.ts';

export type Metrics = {
  readonly contentType: string;
  text(): Promise<string>;
  /** One finished request. */
  request(route: string, method: string, status: number, elapsedMs: number): void;
  /** Answered from the request line alone. */
  hot(elapsedMs: number, status: number): void;
};

type Watched = {
  readonly engine: Engine;
  readonly cache: AnswerCache;
  readonly gate: ClientGate;
  readonly storeHealth: StoreHealth;
  readonly mail: Pick<Mail, 'counts'>;
  readonly jobs: Pick<Jobs, 'counts'>;
};

export function openMetrics(watched: Watched): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'portal_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  watchEngine(registry, watched.engine);
  watchCache(registry, watched.cache);
  watchMail(registry, watched.mail);
  watchJobs(registry, watched.jobs);
  watchStore(registry, watched.storeHealth);
  gauge(registry, 'portal_queries_running', 'Uncached queries running for clients.', () => watched.gate.running());
  const fast = new Map([200, 304].map((status) => [status, hotChild(durations, status)]));
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    request(route, method, status, elapsedMs) {
      durations.labels({ route, method, status: String(status) }).observe(elapsedMs / 1_000);
    },
    hot(elapsedMs, status) {
      fast.get(status)?.observe(elapsedMs / 1_000);
    },
  };
}

function hotChild(durations: Histogram<'route' | 'method' | 'status'>, status: number) {
  return durations.labels({ route: '(repeated answer)', method: 'GET', status: String(status) });
}

function watchEngine(registry: Registry, engine: Engine): void {
  gauge(registry, 'portal_engine_workers', 'Query processes.', () => engine.stats().workers);
  gauge(registry, 'portal_engine_workers_busy', 'Query processes at work.', () => engine.stats().busy);
  gauge(registry, 'portal_engine_queue_length', 'Queries that wait for a process.', () => engine.stats().queued);
  counter(registry, 'portal_engine_queries_total', 'Queries begun.', () => engine.stats().queries);
  counter(
    registry,
    'portal_engine_killed_total',
    'Query processes killed by the watchdog.',
    () => engine.stats().killed,
  );
}

function watchCache(registry: Registry, cache: AnswerCache): void {
  gauge(registry, 'portal_answer_cache_bytes', 'Bytes of answers kept in memory.', () => cache.stats().bytes);
  gauge(registry, 'portal_answer_cache_entries', 'Answers kept in memory.', () => cache.stats().entries);
  counter(registry, 'portal_answer_cache_hits_total', 'Answers found in memory.', () => cache.stats().hits);
  counter(registry, 'portal_answer_cache_misses_total', 'Answers not found in memory.', () => cache.stats().misses);
}

function watchStore(registry: Registry, health: StoreHealth): void {
  const count = (name: string, help: string, read: () => number): void => counter(registry, name, help, read);
  count('portal_stored_files_checked_total', 'Stored files read by the daily look.', () => health.stats().checkedFiles);
  count('portal_stored_bytes_checked_total', 'Bytes of them.', () => health.stats().checkedBytes);
  count('portal_stored_files_damaged_total', 'Stored files found damaged.', () => health.stats().damaged);
  count('portal_stored_files_mended_total', 'Damaged files that were made again.', () => health.stats().mended);
}

function watchMail(registry: Registry, mail: Pick<Mail, 'counts'>): void {
  new Gauge({
    name: 'portal_letters',
    help: 'Letters by what became of them.',
    labelNames: ['state'] as const,
    registers: [registry],
    async collect() {
      this.reset(); // with the database away there is no count to give, and /health says so
      const counts = await mail.counts().catch(() => ({}));
      for (const [state, count] of Object.entries<number>(counts)) this.set({ state }, count);
    },
  });
}

function watchJobs(registry: Registry, jobs: Pick<Jobs, 'counts'>): void {
  new Gauge({
    name: 'portal_jobs',
    help: 'Durable jobs that wait, run, or are parked because they failed.',
    labelNames: ['state'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      const counts = await jobs.counts().catch(() => ({}));
      for (const [state, count] of Object.entries<number>(counts)) this.set({ state }, count);
    },
  });
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function counter(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
