// How much work something is, in time of the processor: the same however busy the machine is with something else.
// It must not look at the clock on the wall; that is the benchmarks' to judge.

import { readFileSync } from 'node:fs';

/** Milliseconds that this thread computes while `work` runs; not what the machine does meanwhile. */
export function processorMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** The least of three: the first time code runs it is compiled, too. */
export function leastProcessorMs(work: () => void): number {
  return Math.min(...[1, 2, 3].map(() => processorMs(work)));
}

/** What processes have computed in their lives so far. Linux only, in steps of 10 ms. */
export function processorMsOf(pids: readonly number[]): number {
  return pids.map((pid) => readTimes(pid).own).reduce((sum, each) => sum + each, 0);
}

/** What this process has computed, and all that it started and that have ended. 0 where that cannot be known. */
export function processorMsOfAll(): number {
  if (process.platform !== 'linux') return 0;
  const { own, ended } = readTimes(process.pid);
  return own + ended;
}

function readTimes(pid: number): { readonly own: number; readonly ended: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const sum = (from: number): number => (Number(ticks[from]) + Number(ticks[from + 1])) * 10;
  return { own: sum(11), ended: sum(13) };
}
