import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { MessageSchema } from "../../api";
import { rows } from "./rows";

const at = (text: string) => BigInt(new Date(text).getTime());
const message = (id: string, personId: string, time: string) => create(MessageSchema, { id, personId, sentUnixMs: at(time) });
const talk = [
  message("1", "li", "2026-11-22T10:00"), message("2", "li", "2026-11-22T10:01"), message("3", "li", "2026-11-22T10:09"),
  message("4", "wang", "2026-11-22T10:10"), message("5", "wang", "2026-11-23T09:00"), message("6", "wang", "2026-11-23T09:01"),
];

it("groups by author, time and day", () => {
  expect(rows(talk, "", true).map((row) => row.head)).toEqual([true, false, true, true, true, false]);
  expect(rows(talk, "", true).map((row) => row.day)).toEqual([true, false, false, false, true, false]);
});

it("names the first day only at the true beginning", () => {
  expect(rows(talk, "", false)[0]!.day).toBe(false);
});

it("breaks a group where the new messages begin", () => {
  const [, second] = rows(talk, "2", true);
  expect(second).toMatchObject({ isNew: true, head: true });
});

it("keeps all rows but the first as they are when older messages come in front", () => {
  const later = rows(talk.slice(2), "", false).slice(1);
  expect(rows(talk, "", false).slice(3)).toEqual(later);
});
