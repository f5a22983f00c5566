import { expect, it } from "vitest";
import { bytesLeftToShow, MAX_MESSAGE_BYTES, utf8Length } from "./bytes";

it("counts bytes, not characters", () => {
  expect(utf8Length("早上好")).toBe(9);
  expect(utf8Length("👋")).toBe(4);
});

it("shows what is left only near the end", () => {
  expect(bytesLeftToShow("早")).toBeNull();
  expect(bytesLeftToShow("a".repeat(MAX_MESSAGE_BYTES / 2))).toBeNull();
  expect(bytesLeftToShow("a".repeat(MAX_MESSAGE_BYTES - 10))).toBe(10);
  expect(bytesLeftToShow("中".repeat(MAX_MESSAGE_BYTES / 3 + 1))).toBeLessThan(0);
});
