import { expect, it } from "vitest";
import { drawn, extend, smooth, type Stroke } from "./strokes";

const line: Stroke = [{ x: 10, y: 10 }, { x: 50, y: 40 }, { x: 90, y: 10 }];

it("leaves out places where the pen hardly moved", () => {
  expect(extend(line, { x: 90.5, y: 10 })).toBe(line);
  expect(extend(line, { x: 99, y: 10 })).toHaveLength(4);
});

it("draws a curve through every place", () => {
  const curve = smooth(line);
  expect(curve.length).toBeGreaterThan(line.length);
  for (const point of line) expect(curve.some((one) => Math.hypot(one.x - point.x, one.y - point.y) < 0.01)).toBe(true);
});

it("gives strokes as lines in a box just around them", () => {
  const made = drawn([line, [{ x: 100, y: 60 }]])!;
  expect(made.path).toMatch(/^M 4 4 L [\d. L]+ M 94 54 L 94\.6 54$/);
  expect(made.width).toBeCloseTo(98.6, 1);
  expect(made.height).toBeCloseTo(58, 0);
  expect(made.path).not.toMatch(/-|NaN/);
  expect(drawn([])).toBeNull();
});
