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

it("finds what stands apart, has accents, or is read in two ways", () => {
  expect(match("采购 二部", "cgeb")).toEqual([0, 5]);
  expect(match("Purchase Team", "purchaset")).toEqual([0, 10]);
  expect(match("女士", "nü")).toEqual([0, 1]);
  expect(match("女士", "nv")).toEqual([0, 1]);
  expect(match("长安", "changan")).toEqual([0, 2]);
  expect(match("长安", "zhangan")).toEqual([0, 2]);
  expect(match("质量一部", "zhiliangy")).toEqual([0, 3]);
  expect(match("质量一部", "zhangwei")).toBeNull();
  expect(match("上海采购", "haic")).toEqual([1, 3]);
  expect(match("한글", "한")).not.toBeNull();
  expect(match("R&D 研发", "rd")).toEqual([0, 3]);
});

it("says which text matched", () => {
  expect(matchAny(["王敏", "采购部"], "cgb")).toEqual({ index: 1, span: [0, 3] });
  expect(matchAny(["王敏", ""], "x")).toBeNull();
});

it("matches everything while nothing is typed", () => {
  expect(match("王敏", " ")).toEqual([0, 0]);
});
