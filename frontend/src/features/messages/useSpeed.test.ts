import { expect, it } from "vitest";
import { onward } from "./useSpeed";

it("tells a speed once it is known, and takes new steps for half", () => {
  const first = onward(null, 100, 0);
  expect(first.speed).toBe(0);
  expect(onward(first, 5000, 300)).toBe(first);
  const second = onward(first, 2100, 1000);
  expect(second.speed).toBe(2000);
  expect(onward(second, 6100, 2000).speed).toBe(3000);
  expect(onward(second, 0, 2000).speed).toBe(0);
});
