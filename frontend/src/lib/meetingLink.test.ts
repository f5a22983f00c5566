import { expect, it } from "vitest";
import { formatMeetingLink, parseMeetingLink, splitMeetingLinks } from "./meetingLink";

it("reads what it writes", () => {
  for (const link of [{ conversation: "spc_a", planned: "" }, { conversation: "spc_a", planned: "evt_1" }]) expect(parseMeetingLink(formatMeetingLink(link))).toEqual(link);
});

it("takes nothing else for a link", () => {
  for (const text of ["roundtable:meeting/", "roundtable:folder/spc_a", "roundtable:meeting/a b", "roundtable:meeting/a/b/c", "x roundtable:meeting/a"]) expect(parseMeetingLink(text)).toBeNull();
});

it("finds links among words of any language", () => {
  expect(splitMeetingLinks("周五 roundtable:meeting/spc_a/evt_1，别迟到。")).toEqual(["周五 ", { conversation: "spc_a", planned: "evt_1" }, "，别迟到。"]);
  expect(splitMeetingLinks("")).toEqual([""]);
});
