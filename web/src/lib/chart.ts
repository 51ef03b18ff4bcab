// The shapes of small pictures: counts in, SVG path text out. It must not know words, colours or components.

import { scaleLinear } from 'd3-scale';

export type Frame = {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly bottom: number;
  readonly top: number;
};
export type Bar = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Two digits after the point are finer than any screen, and keep the page small. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Bars that share the frame's width; a count above zero is never drawn lower than one unit. */
export function toBars(counts: readonly number[], frame: Frame, gap = 1): readonly Bar[] {
  const y = scaleLinear([0, Math.max(1, ...counts)], [0, frame.height - frame.bottom - frame.top]);
  const step = (frame.width - frame.left) / Math.max(1, counts.length);
  return counts.map((count, index) => {
    const height = count === 0 ? 0 : Math.max(1, y(count));
    return {
      x: round(frame.left + index * step + gap / 2),
      y: round(frame.height - frame.bottom - height),
      width: round(Math.max(0.5, step - gap)),
      height: round(height),
    };
  });
}

/** All bars as one path: one element however many bars. */
export function toBarPath(bars: readonly Bar[]): string {
  return bars
    .filter((bar) => bar.height > 0)
    .map((bar) => `M${bar.x} ${bar.y}h${bar.width}v${bar.height}h${-bar.width}z`)
    .join('');
}

/** Round counts for the lines behind the bars, and where they lie. */
export function toGrid(
  counts: readonly number[],
  frame: Frame,
): readonly { readonly value: number; readonly y: number }[] {
  const y = scaleLinear([0, Math.max(1, ...counts)], [frame.height - frame.bottom, frame.top]);
  return y
    .ticks(3)
    .filter(Number.isInteger)
    .map((value) => ({ value, y: round(y(value)) }));
}
