import { expect, it } from "vitest";
import { folded, lineDiff } from "./lineDiff";

const show = (a: string, b: string) => lineDiff(a, b)!.map(({ left, right, same }) => `${left ?? "∅"}${same ? "=" : "|"}${right ?? "∅"}`);

it("puts a changed line beside what it was", () => {
  expect(show("甲\n乙\n丙\n", "甲\n乙二\n丙\n丁\n")).toEqual(["甲=甲", "乙|乙二", "丙=丙", "∅|丁"]);
  expect(show("", "a")).toEqual(["∅|a"]);
  expect(show("a\r\nb", "a\nb\n")).toEqual(["a=a", "b=b"]);
  expect(show("a\nb\nc", "b\nc\nd")).toEqual(["a|∅", "b=b", "c=c", "∅|d"]);
});

it("gives both texts back, whatever they are", () => {
  let seed = 7;
  const random = (most: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
  for (let round = 0; round < 300; round++) {
    const make = () => Array.from({ length: random(12) }, () => "abc"[random(3)]).join("\n");
    const [a, b] = [make(), make()];
    const rows = lineDiff(a, b)!;
    const side = (key: "left" | "right") => rows.map((row) => row[key]).filter((line) => line !== null).join("\n");
    expect([side("left"), side("right")]).toEqual([a, b]);
    for (const row of rows) expect(row.same).toBe(row.left === row.right);
  }
});

it("gives up where a comparison would not help", () => {
  expect(lineDiff("x\n".repeat(5000), "y")).toBeNull();
  const other = (mark: string) => Array.from({ length: 1500 }, (_, i) => `${mark}${i}`).join("\n");
  expect(lineDiff(other("a"), other("b"))).toBeNull();
});

it("folds what is equal and far from any difference", () => {
  const many = Array.from({ length: 20 }, (_, i) => String(i)).join("\n");
  expect(folded(lineDiff(many, `${many}\nnew`)!).map((row) => ("fold" in row ? row.fold : row.right))).toEqual([17, "17", "18", "19", "new"]);
});
