import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ConversationKind, ConversationSchema } from "../../api";
import { findConversations, findEntries, recentEntries, type Entry } from "./local";

const entry = (group: Entry["group"], name: string, note = ""): Entry => ({ key: name, group, id: name, name, note, run: () => {} });
const all = [entry("people", "王敏", "采购部"), entry("people", "李敏"), entry("conversations", "采购与物流协作圈"), entry("commands", "Settings")];

it("finds people and conversations by pinyin, in groups", () => {
  expect(findEntries(all, "cg").map((found) => found.name)).toEqual(["采购与物流协作圈", "王敏"]);
  expect(findEntries(all, "min").map((found) => found.name)).toEqual(["王敏", "李敏"]);
});

it("shows everything while nothing is typed", () => {
  expect(findEntries(all, "")).toHaveLength(4);
});

it("finds conversations one after the other, the best first, and no direct ones", () => {
  const named = (id: string, name: string, kind = ConversationKind.GROUP) => create(ConversationSchema, { id, name, kind });
  const all = [named("later", "华东采购"), named("first", "采购一部"), named("direct", "采购", ConversationKind.DIRECT), named("none", "财务"), named("", "", ConversationKind.EVERYONE)];
  const found = (query: string) => {
    const search = findConversations(all, "Everyone", query);
    let rests = 0;
    for (let step = search.next(); ; step = search.next(), rests++) if (step.done) return { ids: step.value.map(({ id }) => id), rests };
  };
  expect(found("caig")).toEqual({ ids: ["first", "later"], rests: all.length });
  expect(found("every").ids).toEqual([""]);
});

it("shows what was written in last while nothing is typed", () => {
  const at = (id: string, lastUnixMs: bigint, kind: ConversationKind) => create(ConversationSchema, { id, name: id, lastUnixMs, kind });
  const recent = recentEntries([at("old", 1n, ConversationKind.GROUP), at("everyone", 2n, ConversationKind.EVERYONE), at("new", 3n, ConversationKind.DIRECT)], "Everyone", () => {});
  expect(recent.map((entry) => entry.name)).toEqual(["new", "Everyone", "old"]);
});
