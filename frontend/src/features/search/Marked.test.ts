import { expect, it } from "vitest";
import { pieces } from "./Marked";
import { midnight } from "./useFound";

it("marks what was found, and nothing that makes no sense", () => {
  expect(pieces("在上海开会", [1, 3])).toEqual([["在", false], ["上海", true], ["开会", false]]);
  expect(pieces("上海", [0, 2])).toEqual([["上海", true]]);
  expect(pieces("abc", [])).toEqual([["abc", false]]);
  expect(pieces("abc", [2, 1, 0, 9, 1])).toEqual([["abc", false]]);
});

it("counts days from midnight here", () => {
  expect(midnight("2026-01-31")).toBe(BigInt(new Date(2026, 0, 31).getTime()));
  expect(midnight("2026-01-31", 1)).toBe(BigInt(new Date(2026, 1, 1).getTime()));
  expect(midnight("yesterday")).toBe(0n);
});
