import { expect, it } from "vitest";
import { brief, clock, day, daysAgo, full } from "./time";

const zh = { today: "今天", yesterday: "昨天" };
const en = { today: "Today", yesterday: "Yesterday" };
const at = (text: string) => new Date(text).getTime();
const now = at("2026-11-23T09:30:00");

it("counts calendar days, not periods of 24 hours", () => {
  expect(daysAgo(at("2026-11-22T23:59:00"), now)).toBe(1);
  expect(daysAgo(at("2026-11-23T00:00:00"), now)).toBe(0);
});

it("writes the clock with 24 hours", () => {
  expect(clock(at("2026-11-23T00:05:00"))).toBe("00:05");
  expect(clock(at("2026-11-23T16:05:00"))).toBe("16:05");
});

it("shortens for lists", () => {
  expect(brief(at("2026-11-23T08:00:00"), now, "zh", zh)).toBe("08:00");
  expect(brief(at("2026-11-22T08:00:00"), now, "zh", zh)).toBe("昨天");
  expect(brief(at("2026-11-19T08:00:00"), now, "zh", zh)).toBe("周四");
  expect(brief(at("2026-11-19T08:00:00"), now, "en", en)).toBe("Thu");
  expect(brief(at("2026-11-03T08:00:00"), now, "zh", zh)).toBe("11/3");
  expect(brief(at("2025-11-03T08:00:00"), now, "zh", zh)).toBe("2025/11/3");
  expect(brief(0, now, "zh", zh)).toBe("");
});

it("names days", () => {
  expect(day(now, now, "en", en)).toBe("Today");
  expect(day(at("2026-11-22T01:00:00"), now, "zh", zh)).toBe("昨天");
  expect(day(at("2026-11-03T01:00:00"), now, "zh", zh)).toContain("11月3日");
  expect(day(at("2025-11-03T01:00:00"), now, "en", en)).toBe("3 November 2025");
});

it("writes a moment in full", () => {
  expect(full(at("2026-11-03T10:42:00"), "zh")).toBe("2026年11月3日 10:42");
});
