import { expect, test } from "vitest";
import { isQuiet } from "./quiet";

const at = (hour: number, minute = 0) => new Date(2026, 10, 27, hour, minute);

test("quiet hours run over midnight", () => {
  const night = { quiet: true, quietFrom: 22 * 60, quietTo: 8 * 60 };
  expect([at(21, 59), at(22), at(0), at(7, 59), at(8), at(12)].map((when) => isQuiet(night, when))).toEqual([false, true, true, true, false, false]);
});

test("or stand within a day, or are none", () => {
  expect(isQuiet({ quiet: true, quietFrom: 720, quietTo: 810 }, at(12, 30))).toBe(true);
  expect(isQuiet({ quiet: true, quietFrom: 720, quietTo: 720 }, at(12))).toBe(false);
  expect(isQuiet({ quiet: false, quietFrom: 0, quietTo: 1439 }, at(12))).toBe(false);
  expect(isQuiet(undefined, at(12))).toBe(false);
});
