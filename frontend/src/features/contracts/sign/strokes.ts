/** A place of the pen, in the units of the pad. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Stroke = readonly Point[];

/** Nearer than this to the last one, a place says nothing. */
const LEAST = 1.4;
const BETWEEN = 4;

/** Adds where the pen is now, unless it hardly moved. */
export function extend(stroke: Stroke, point: Point): Stroke {
  const last = stroke.at(-1);
  return last && Math.hypot(point.x - last.x, point.y - last.y) < LEAST ? stroke : [...stroke, point];
}

/** A curve through all places (Catmull-Rom), as short lines: hands are round, samples are not. */
export function smooth(stroke: Stroke): Stroke {
  if (stroke.length < 3) return stroke;
  const out: Point[] = [stroke[0]!];
  for (let index = 0; index < stroke.length - 1; index++) {
    const before = stroke[Math.max(0, index - 1)]!;
    const from = stroke[index]!;
    const to = stroke[index + 1]!;
    const after = stroke[Math.min(stroke.length - 1, index + 2)]!;
    for (let part = 1; part <= BETWEEN; part++) {
      const t = part / BETWEEN;
      const at = (a: number, b: number, c: number, d: number) => 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t);
      out.push({ x: at(before.x, from.x, to.x, after.x), y: at(before.y, from.y, to.y, after.y) });
    }
  }
  return out;
}

export interface Drawn {
  readonly path: string;
  readonly width: number;
  readonly height: number;
}

/** Strokes as "M x y L x y …" in a box just around them; null when nothing was drawn. */
export function drawn(strokes: readonly Stroke[], margin = 4): Drawn | null {
  // A press without a movement is a dot.
  const lines = strokes.filter((stroke) => stroke.length > 0).map((stroke) => (stroke.length === 1 ? [stroke[0]!, { x: stroke[0]!.x + 0.6, y: stroke[0]!.y }] : smooth(stroke)));
  const all = lines.flat();
  if (all.length === 0) return null;
  const left = Math.min(...all.map((point) => point.x)) - margin;
  const top = Math.min(...all.map((point) => point.y)) - margin;
  const right = Math.max(...all.map((point) => point.x)) + margin;
  const bottom = Math.max(...all.map((point) => point.y)) + margin;
  const number = (value: number) => String(Math.round(value * 10) / 10);
  const path = lines.map((line) => line.map((point, index) => `${index === 0 ? "M" : "L"} ${number(point.x - left)} ${number(point.y - top)}`).join(" ")).join(" ");
  return { path, width: Math.round((right - left) * 10) / 10, height: Math.round((bottom - top) * 10) / 10 };
}
