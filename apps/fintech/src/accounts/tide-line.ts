import type { Level } from './statement.ts';

/** The balance over time as a curve in a box, and its two turning points in words. */
export interface TideLine {
  readonly width: number;
  readonly height: number;
  /** SVG path of the surface: a step at every transaction. */
  readonly surface: string;
  /** The same path closed along the bottom. */
  readonly water: string;
  /** Height of the zero line, when zero is inside the picture. */
  readonly zero: number | undefined;
  readonly low: Level;
  readonly high: Level;
}

const WIDTH = 720;
const HEIGHT = 132;
const MARGIN = 10;

/**
 * Draws the levels as a tide line; undefined when there is too little to draw.
 * @param all levels, oldest first
 */
export function drawTideLine(all: readonly Level[]): TideLine | undefined {
  const first = all[0];
  const last = all.at(-1);
  if (first === undefined || last === undefined || all.length < 3) return undefined;
  const low = all.reduce((a, b) => (b.height < a.height ? b : a));
  const high = all.reduce((a, b) => (b.height > a.height ? b : a));
  const span = last.at.getTime() - first.at.getTime();
  const range = high.height - low.height;
  if (span <= 0 || range <= 0) return undefined;

  const x = (level: Level) => round(((level.at.getTime() - first.at.getTime()) / span) * WIDTH);
  const y = (height: number) => round(HEIGHT - MARGIN - ((height - low.height) / range) * (HEIGHT - 2 * MARGIN));
  const steps = all.map((level, i) => (i === 0 ? `M0 ${y(level.height)}` : `H${x(level)}V${y(level.height)}`));
  const surface = steps.join('');
  return {
    width: WIDTH,
    height: HEIGHT,
    surface,
    water: `${surface}V${HEIGHT}H0Z`,
    zero: low.height < 0 && high.height > 0 ? y(0) : undefined,
    low,
    high,
  };
}

const round = (n: number): number => Math.round(n * 10) / 10;
