// Where the portal is between its first and its last moment, and what it waits for.
// It must not start or stop anything; main.ts moves it and /health/ready tells it.

export type LifecycleState = 'starting' | 'ready' | 'stopping';

export type Lifecycle = {
  state(): LifecycleState;
  /** What a start is waiting for, in words; empty when ready. */
  waitingFor(): readonly string[];
  wait(what: string): () => void;
  stop(): void;
};

/** Ready when everything waited for is done and nobody has asked it to stop. */
export function openLifecycle(): Lifecycle {
  const waiting = new Set<string>();
  let stopping = false;
  return {
    state: () => (stopping ? 'stopping' : waiting.size > 0 ? 'starting' : 'ready'),
    waitingFor: () => [...waiting],
    wait(what) {
      waiting.add(what);
      return () => void waiting.delete(what);
    },
    stop() {
      stopping = true;
    },
  };
}
