import { expect, it } from "vitest";
import { baseName, formatFolderLink, joinPath, parentOf, parseFolderLink, splitFolderLinks } from "./folderLink";

const folder = "spc_7f3a";

it.each([
  { folder, path: "", isFolder: true },
  { folder, path: "报价单.xlsx", isFolder: false },
  { folder, path: "图纸/二层 (修订三)/100%~'!*.", isFolder: true },
  { folder, path: "a/b?c#d&e", isFolder: false },
])("reads back what it wrote: $path", (link) => {
  const text = formatFolderLink(link);
  expect(text).toMatch(/^roundtable:folder\/spc_7f3a[\w\-.%/]*$/);
  expect(parseFolderLink(text)).toEqual(link);
});

it.each([
  "roundtable:folder/spc_1/../x", "roundtable:folder/spc_1/a//b", "roundtable:folder/spc_1/a%2Fb", "roundtable:folder/spc_1/%E0%A4%A",
  "roundtable:folder/spc_1/a%E2%80%AEb", "roundtable:folder/spc_1/%00", "https://example.com", "roundtable:folder/",
])("refuses %s", (text) => expect(parseFolderLink(text)).toBeNull());

it("finds links between other text, also where Chinese stands beside them", () => {
  const link = formatFolderLink({ folder, path: "图纸/一层.pdf", isFolder: false });
  expect(splitFolderLinks(`看这里${link}，谢谢`)).toEqual(["看这里", { folder, path: "图纸/一层.pdf", isFolder: false }, "，谢谢"]);
  expect(splitFolderLinks(`${link}.`)).toEqual([{ folder, path: "图纸/一层.pdf", isFolder: false }, "."]);
  expect(splitFolderLinks("no link")).toEqual(["no link"]);
  expect(splitFolderLinks("")).toEqual([""]);
  expect(splitFolderLinks("roundtable:folder/spc_1/../x")).toEqual(["roundtable:folder/spc_1/../x"]);
});

it("takes paths apart and together", () => {
  expect([baseName("a/b/c"), parentOf("a/b/c"), joinPath("a/b", "c")]).toEqual(["c", "a/b", "a/b/c"]);
  expect([baseName("c"), parentOf("c"), joinPath("", "c")]).toEqual(["c", "", "c"]);
});
