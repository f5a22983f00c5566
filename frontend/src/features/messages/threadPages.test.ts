import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { MessageSchema, ThreadResponseSchema } from "../../api";
import { lastReplies } from "./threadPages";

/** A thread of so many replies, as the program gives it: at most 200 of them for one question. */
function thread(replies: number) {
  const asked: string[] = [];
  const ask = ({ before, limit }: { before?: string; limit: number }) => {
    asked.push(`${before ?? ""} ${limit}`);
    const to = before === undefined ? replies : Number(before.slice(1));
    const from = Math.max(0, to - Math.min(limit, 200));
    return Promise.resolve(create(ThreadResponseSchema, {
      unread: 3, hasBefore: from > 0, messages: Array.from({ length: to - from }, (_, at) => create(MessageSchema, { id: `m${from + at}`, cursor: `c${from + at}` })),
    }));
  };
  return { ask, asked };
}
const ends = ({ messages }: { messages: readonly { id: string }[] }) => [messages.at(0)?.id, messages.at(-1)?.id, messages.length];

it("gives the last replies in one question", async () => {
  const { ask, asked } = thread(120);
  const got = await lastReplies(ask, 50, "");
  expect([ends(got), got.hasBefore, got.unread, asked]).toEqual([["m70", "m119", 50], true, 3, [" 50"]]);
});

it("goes beyond what one question gives, without a gap, to the first one", async () => {
  const { ask, asked } = thread(430);
  const got = await lastReplies(ask, 450, "");
  expect([ends(got), got.hasBefore]).toEqual([["m0", "m429", 430], false]);
  expect(got.messages.map(({ id }) => id)).toEqual(Array.from({ length: 430 }, (_, at) => `m${at}`));
  expect(asked).toEqual([" 200", "c230 200", "c30 50"]);
});

it("goes back to the reply that is looked for, and no further", async () => {
  const { ask, asked } = thread(900);
  expect(ends(await lastReplies(ask, 50, "m500"))).toEqual(["m450", "m899", 450]);
  expect(asked).toEqual([" 50", "c850 200", "c650 200"]);
  expect(ends(await lastReplies(thread(10).ask, 50, "gone"))).toEqual(["m0", "m9", 10]);
});

it("has a bound", async () => {
  const got = await lastReplies(thread(9000).ask, 50, "gone");
  expect([got.messages.length, got.hasBefore]).toEqual([5050, false]);
});
