import { expect, it } from "vitest";
import { match, matchAny } from "./match";

it("finds Chinese names by characters, pinyin and initials", () => {
  expect(match("李卓然", "卓然")).toEqual([1, 3]);
  expect(match("李卓然", "lizhuoran")).toEqual([0, 3]);
  expect(match("李卓然", "lzr")).toEqual([0, 3]);
  expect(match("李卓然", "zr")).toEqual([1, 3]);
  expect(match("李卓然", "wang")).toBeNull();
});

it("finds Latin names without accents and by initials", () => {
  expect(match("Anna Novák", "novak")).toEqual([5, 10]);
  expect(match("Anna Novák", "an")).toEqual([0, 2]);
  expect(match("Jan Klíma", "jk")).toEqual([0, 9]);
});

it("says which text matched", () => {
  expect(matchAny(["王敏", "采购部"], "cgb")).toEqual({ index: 1, span: [0, 3] });
  expect(matchAny(["王敏", ""], "x")).toBeNull();
});

it("matches everything while nothing is typed", () => {
  expect(match("王敏", " ")).toEqual([0, 0]);
});
