import { expect, it } from "vitest";
import { findEntries, type Entry } from "./findEntries";

const entry = (group: Entry["group"], name: string, note = ""): Entry => ({ key: name, group, id: name, name, note, run: () => {} });
const all = [entry("people", "王敏", "采购部"), entry("people", "李敏"), entry("conversations", "采购与物流协作圈"), entry("commands", "Settings")];

it("finds people and conversations by pinyin, in groups", () => {
  expect(findEntries(all, "cg").map((found) => found.name)).toEqual(["采购与物流协作圈", "王敏"]);
  expect(findEntries(all, "min").map((found) => found.name)).toEqual(["王敏", "李敏"]);
});

it("shows everything while nothing is typed", () => {
  expect(findEntries(all, "")).toHaveLength(4);
});
