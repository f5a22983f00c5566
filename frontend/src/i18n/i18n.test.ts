// @vitest-environment node
import { expect, it } from "vitest";
// @ts-expect-error a plain script that the build runs too
import { check, load, readSources } from "../../scripts/check-i18n.mjs";
import { resolveLanguage } from ".";

it("has every string in both languages, and no string for nobody", () => {
  expect(check({ en: load("en"), zh: load("zh"), sources: readSources() })).toEqual([]);
});

it("notices what is missing", () => {
  const found = check({
    en: { a: { b: "B {{x}}", c_one: "1", c_other: "n" } },
    zh: { a: { b: "乙", c_one: "一" } },
    sources: [["f.tsx", `t("a.b"); t("a.d"); t("a.c")`]],
  });
  expect(found).toEqual([
    "zh.json: a.c lacks the form _other",
    "zh.json: a.b does not use {{x}}",
    "f.tsx: a.d is used but not in en.json",
  ]);
});

it("follows the system only when nothing was chosen", () => {
  expect(resolveLanguage("en", ["zh-CN"])).toBe("en");
  expect(resolveLanguage("", ["zh-CN", "en"])).toBe("zh");
  expect(resolveLanguage("", ["cs", "zh-TW"])).toBe("zh");
  expect(resolveLanguage("", ["cs"])).toBe("en");
});
