import { expect, it } from "vitest";
import { current, EDGE, GAP, scaleOf, step, tops, visible } from "./places";

const sizes = [{ width: 595, height: 842 }, { width: 842, height: 595 }, { width: 595, height: 842 }];

it("fits the widest page, and never fills a huge window", () => {
  expect(scaleOf("fit", sizes, 842 + 2 * EDGE)).toBeCloseTo(1);
  expect(scaleOf("fit", sizes, 5000)).toBeCloseTo(980 / 842);
  expect(scaleOf(2, sizes, 300)).toBe(2);
  expect(scaleOf("fit", sizes, 0)).toBeGreaterThan(0);
});

it("steps through sizes from any size", () => {
  expect(step(1.17, 1)).toBe(1.25);
  expect(step(1.17, -1)).toBe(1);
  expect(step(4, 1)).toBe(4);
  expect(step(0.5, -1)).toBe(0.5);
});

it("knows which pages are seen, and which is read", () => {
  const { tops: edges, height } = tops(sizes, 1);
  expect(edges).toEqual([EDGE, EDGE + 842 + GAP, EDGE + 842 + GAP + 595 + GAP]);
  expect(height).toBe(edges[2]! + 842 + EDGE);
  expect(visible(edges, sizes, 1, 0, 600)).toEqual([0, 1]);
  expect(visible(edges, sizes, 1, 900, 400)).toEqual([0, 2]);
  expect(visible(edges, sizes, 1, height - 300, 300)).toEqual([1, 2]);
  expect(current(edges, 0, 600)).toBe(1);
  expect(current(edges, 860, 600)).toBe(2);
  expect(current(edges, height - 600, 600)).toBe(3);
});
