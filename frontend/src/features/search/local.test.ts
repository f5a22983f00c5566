import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ConversationKind, ConversationSchema } from "../../api";
import { findEntries, recentEntries, type Entry } from "./local";

const entry = (group: Entry["group"], name: string, note = ""): Entry => ({ key: name, group, id: name, name, note, run: () => {} });
const all = [entry("people", "王敏", "采购部"), entry("people", "李敏"), entry("conversations", "采购与物流协作圈"), entry("commands", "Settings")];

it("finds people and conversations by pinyin, in groups", () => {
  expect(findEntries(all, "cg").map((found) => found.name)).toEqual(["采购与物流协作圈", "王敏"]);
  expect(findEntries(all, "min").map((found) => found.name)).toEqual(["王敏", "李敏"]);
});

it("shows everything while nothing is typed", () => {
  expect(findEntries(all, "")).toHaveLength(4);
});

it("shows what was written in last while nothing is typed", () => {
  const at = (id: string, lastUnixMs: bigint, kind: ConversationKind) => create(ConversationSchema, { id, name: id, lastUnixMs, kind });
  const recent = recentEntries([at("old", 1n, ConversationKind.GROUP), at("everyone", 2n, ConversationKind.EVERYONE), at("new", 3n, ConversationKind.DIRECT)], "Everyone", () => {});
  expect(recent.map((entry) => entry.name)).toEqual(["new", "Everyone", "old"]);
});
