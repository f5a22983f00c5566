import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EntryKind, EntrySchema } from "../../api";
import { sortEntries, typeAhead } from "./sort";

const file = (name: string, size = 1, changed = 0) => create(EntrySchema, { name, kind: EntryKind.FILE, size: BigInt(size), changedUnixMs: BigInt(changed) });
const folder = (name: string) => create(EntrySchema, { name, kind: EntryKind.FOLDER });
const names = (entries: readonly { name: string }[]) => entries.map(({ name }) => name);

it("puts folders first, Chinese by pinyin, numbers by value", () => {
  const all = [file("报价单 10.xlsx"), file("张三.txt"), file("报价单 2.xlsx"), file("报价单.xlsx"), folder("样品"), file("安装图.pdf"), folder("合同")];
  expect(names(sortEntries(all, { key: "name", down: false }))).toEqual(["合同", "样品", "安装图.pdf", "报价单.xlsx", "报价单 2.xlsx", "报价单 10.xlsx", "张三.txt"]);
  expect(names(sortEntries(all, { key: "name", down: true }))).toEqual(["样品", "合同", "张三.txt", "报价单 10.xlsx", "报价单 2.xlsx", "报价单.xlsx", "安装图.pdf"]);
});

it("sorts by size and by change, names deciding between equals", () => {
  const all = [file("b", 2, 5), file("a", 2, 9), file("c", 1, 7)];
  expect(names(sortEntries(all, { key: "size", down: true }))).toEqual(["a", "b", "c"]);
  expect(names(sortEntries(all, { key: "changed", down: false }))).toEqual(["b", "c", "a"]);
});

it("jumps to what is typed, in pinyin too, and around the end", () => {
  const all = [file("安装图.pdf"), file("报价单.xlsx"), file("Budget.xlsx")];
  expect(typeAhead(all, "bao", 0)).toBe(1);
  expect(typeAhead(all, "b", 2)).toBe(2);
  expect(typeAhead(all, "az", 1)).toBe(0);
  expect(typeAhead(all, "zzz", 0)).toBe(-1);
});
