import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ConversationSchema, KeptSchema } from "../api";
import { merge, type ConversationRows } from "./list";

const one = (id: string, at: number, pinned = 0) => create(ConversationSchema, { id, lastUnixMs: BigInt(at), kept: create(KeptSchema, { pinned }) });
const held = (...conversations: ReturnType<typeof one>[]): ConversationRows => ({ conversations, since: "run.1", partly: false });
const ids = (rows: ConversationRows | null) => rows?.conversations.map(({ id }) => id);

it("puts what changed into its place, and keeps the others as they are", () => {
  const before = held(one("a", 9, 1), one("b", 5), one("c", 3));
  const after = merge(before, { conversations: [one("c", 8)], since: "run.2", total: 3, whole: false });
  expect(ids(after)).toEqual(["a", "c", "b"]);
  expect(after!.conversations[0]).toBe(before.conversations[0]);
  expect(after!.conversations[2]).toBe(before.conversations[1]);
  expect(ids(merge(after!, { conversations: [one("d", 20), one("b", 1, 2)], since: "run.3", total: 4, whole: false }))).toEqual(["a", "b", "d", "c"]);
});

it("is the very same where nothing changed", () => {
  const before = held(one("a", 1));
  expect(merge(before, { conversations: [], since: "run.1", total: 1, whole: false })).toBe(before);
});

it("asks for all where one is gone, or an answer of another run has not all", () => {
  const before = held(one("a", 1), one("b", 2));
  expect(merge(before, { conversations: [], since: "run.2", total: 1, whole: false })).toBeNull();
  expect(merge(before, { conversations: [one("c", 3)], since: "other.1", total: 500, whole: true })).toBeNull();
  expect(ids(merge(before, { conversations: [one("c", 3)], since: "other.1", total: 1, whole: true }))).toEqual(["c"]);
});

