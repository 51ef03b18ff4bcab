// Figures from runs: medians, percentiles, and the memory of a process with all its children. It judges nothing.

import { readFileSync, readdirSync } from 'node:fs';

export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))]!;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // ended between listing and reading
  }
}

/** The process and all its descendants. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== null) parents.set(Number(name), parent);
  }
  const tree = [root];
  for (let i = 0; i < tree.length; i++) {
    for (const [pid, parent] of parents) if (parent === tree[i]) tree.push(pid);
  }
  return tree;
}

function fieldKb(path: string, name: string): number {
  try {
    const line = readFileSync(path, 'utf8')
      .split('\n')
      .find((each) => each.startsWith(`${name}:`));
    return line === undefined ? 0 : Number(line.replace(/\D+/g, ''));
  } catch {
    return 0; // ended between listing and reading
  }
}

/** Proportional memory of the whole tree in MB: pages that processes share are counted once. */
export function treeMemoryMb(root: number): number {
  let kb = 0;
  for (const pid of processTree(root)) kb += fieldKb(`/proc/${pid}/smaps_rollup`, 'Pss');
  return kb / 1024;
}

export type MemoryWatch = { peakMb(): number; floorMb(): number; samples(): readonly number[]; stop(): void };

/** Samples the tree's memory every `everyMs` until stopped. */
export function watchMemory(root: number, everyMs = 100): MemoryWatch {
  const samples: number[] = [treeMemoryMb(root)];
  const timer = setInterval(() => samples.push(treeMemoryMb(root)), everyMs);
  return {
    peakMb: () => Math.max(...samples),
    floorMb: () => Math.min(...samples),
    samples: () => samples,
    stop: () => clearInterval(timer),
  };
}

export type Figure = {
  readonly what: string;
  readonly demand: string;
  readonly value: number;
  readonly shown: string;
  readonly met: boolean;
  readonly how: string;
};

export function toRow(figure: Figure): string {
  return `| ${figure.what} | ${figure.demand} | ${figure.shown} | ${figure.met ? 'met' : '**not met**'} | ${figure.how} |`;
}
