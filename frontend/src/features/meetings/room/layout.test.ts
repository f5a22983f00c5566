import { describe, expect, it } from "vitest";
import { GAP, gridOf, pageOf, pageSize } from "./layout";

describe("tiles", () => {
  it("never leave their frame, and keep their shape, for any number and size", () => {
    for (const [width, height] of [[1200, 640], [640, 900], [300, 200], [1920, 1080], [360, 560]] as const) {
      for (let count = 1; count <= 25; count++) {
        const grid = gridOf(count, width, height);
        expect(grid.cols * grid.rows).toBeGreaterThanOrEqual(count);
        expect(grid.cols * grid.width + (grid.cols - 1) * GAP).toBeLessThanOrEqual(width);
        expect(grid.rows * grid.height + (grid.rows - 1) * GAP).toBeLessThanOrEqual(height);
        if (grid.height > 40) expect(grid.width / grid.height).toBeCloseTo(16 / 9, 0);
      }
    }
  });

  it("lie as one expects", () => {
    const shape = (count: number, width = 1200, height = 640) => {
      const { cols, rows } = gridOf(count, width, height);
      return [cols, rows];
    };
    expect(shape(1)).toEqual([1, 1]);
    expect(shape(2)).toEqual([2, 1]);
    expect(shape(4)).toEqual([2, 2]);
    expect(shape(9)).toEqual([3, 3]);
    expect(shape(12)).toEqual([4, 3]);
    expect(shape(2, 500, 900)).toEqual([1, 2]);
  });

  it("go on to another page before they get too small", () => {
    expect(pageSize(4, 1200, 640)).toBe(4);
    expect(pageSize(60, 1200, 640)).toBe(25);
    expect(pageSize(12, 380, 420)).toBeLessThan(12);
    expect(pageSize(3, 100, 60)).toBe(1);
  });
});

it("shows the last page when the one that was looked at is gone", () => {
  expect(pageOf([1, 2, 3, 4, 5], 2, 1)).toEqual({ shown: [3, 4], page: 1, pages: 3 });
  expect(pageOf([1, 2], 2, 7)).toEqual({ shown: [1, 2], page: 0, pages: 1 });
  expect(pageOf([], 4, 0)).toEqual({ shown: [], page: 0, pages: 1 });
});
