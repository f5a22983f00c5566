import type { TFunction } from "i18next";
import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";
import { CallEndReason, NetworkQuality, NetworkReason, PastCallOutcome } from "../../api";
import en from "../../i18n/en.json";
import zh from "../../i18n/zh.json";
import { localDate, localTime, nextHalfHour, startOf } from "./when";
import { bars, duration, endWords, networkWords, outcomeWords, wayWords } from "./words";

const t = (language: "zh" | "en") => i18next.getFixedT(language) as TFunction;
beforeAll(async () => {
  await i18next.init({ lng: "en", resources: { en: { translation: en }, zh: { translation: zh } }, interpolation: { escapeValue: false } });
});

it("counts as a clock does", () => {
  expect([0, 5_900, 750_000, 3_723_000, -5].map(duration)).toEqual(["0:00", "0:05", "12:30", "1:02:03", "0:00"]);
});

it("says how the network is, and why", () => {
  const way = (network: NetworkQuality, networkReason: NetworkReason, lossPercent = 0, roundTripMs = 0) => networkWords({ network, networkReason, lossPercent, roundTripMs }, t("en"));
  expect(way(NetworkQuality.GOOD, NetworkReason.UNSPECIFIED)).toBe("Good connection.");
  expect(way(NetworkQuality.POOR, NetworkReason.LOSS, 9.4)).toBe("Poor connection. 9% of the data is lost on the way.");
  expect(way(NetworkQuality.FAIR, NetworkReason.LOSS, 0.2)).toContain("1%");
  expect(networkWords({ network: NetworkQuality.FAIR, networkReason: NetworkReason.DELAY, lossPercent: 0, roundTripMs: 380 }, t("zh"))).toBe("网络一般。 延迟 380 毫秒。");
  expect([1, 2, 3, 4].map(bars)).toEqual([3, 2, 1, 0]);
  expect(wayWords({ way: "relay", roundTripMs: 120 }, t("en"))).toBe("By relay · 120 ms there and back");
  expect(wayWords({ way: "", roundTripMs: 0 }, t("en"))).toBe("");
});

it("has words for every end and every outcome", () => {
  for (const language of ["zh", "en"] as const) {
    const titles = Object.values(CallEndReason).filter((value) => typeof value === "number").map((reason) => endWords(reason, t(language)).title);
    expect(new Set(titles).size).toBe(8);
    expect(endWords(99 as CallEndReason, t(language)).title).toBe(titles[0]);
  }
  expect(outcomeWords(PastCallOutcome.MISSED, t("en"))).toEqual({ text: "Missed", tone: "bad" });
});

it("plans begin at a half hour that is not now, and survive the fields of a browser", () => {
  const at = new Date(2026, 10, 27, 18, 26).getTime();
  expect(localTime(nextHalfHour(at))).toBe("19:00");
  expect(localDate(nextHalfHour(new Date(2026, 10, 27, 23, 40).getTime()))).toBe("2026-11-28");
  expect(startOf("2026-11-27", "18:30")).toBe(new Date(2026, 10, 27, 18, 30).getTime());
  expect([startOf("", "18:30"), startOf("2026-11-27", ""), startOf("2026-99-99", "18:30")]).toEqual([null, null, null]);
});
