import { expect, it } from "vitest";
import { mentionQuery, mentionsIn, splitMentions } from "./mentions";

const people = [{ personId: "1", name: "王敏" }, { personId: "2", name: "王敏之" }, { personId: "3", name: "Anna Novák" }, { personId: "4", name: "王敏" }];

it("binds names of a text to people", () => {
  expect(mentionsIn("@王敏之 和 @Anna Novák，@谁", people, new Map(), [])).toEqual([{ personId: "2", label: "王敏之" }, { personId: "3", label: "Anna Novák" }]);
  expect(mentionsIn("@王敏", people, new Map([["王敏", "4"]]), [])).toEqual([{ personId: "4", label: "王敏" }]);
  expect(mentionsIn("@王敏", people, new Map(), [])).toEqual([{ personId: "1", label: "王敏" }]);
  expect(mentionsIn("@所有人 停", people, new Map(), ["所有人", "everyone"])).toEqual([{ personId: "", label: "所有人" }]);
  expect(mentionsIn("@所有人 停", people, new Map(), [])).toEqual([]);
});
it("knows what is being typed", () => {
  expect(mentionQuery("好 @wan", 6)).toEqual({ from: 2, query: "wan" });
  expect(mentionQuery("好@", 2)).toEqual({ from: 1, query: "" });
  for (const [text, caret] of [["a@b.example", 5], ["@王 敏", 4], ["没有", 2], ["@a", 0]] as const) expect(mentionQuery(text, caret)).toBeNull();
});
it("cuts a text at its mentions", () => {
  const one = { personId: "1", label: "王敏" };
  expect(splitMentions("请 @王敏 看", [one])).toEqual(["请 ", one, " 看"]);
  expect(splitMentions("@谁", [one])).toEqual(["@谁"]);
});
