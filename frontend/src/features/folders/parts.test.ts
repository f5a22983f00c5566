import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EntryKind, FolderMode, type Entry } from "../../api";
import { EntrySchema } from "../../api/gen/roundtable/v1/folders_pb";
import { keptParts } from "./parts";

const TREE: Readonly<Record<string, readonly string[]>> = { "": ["a", "b", "c.txt", "link"], a: ["a/x", "a/y"], "a/x": ["a/x/1.txt", "a/x/2.txt"], b: ["b/1.txt"] };
const look = (path: string): Promise<readonly Entry[]> => Promise.resolve((TREE[path] ?? []).map((one) => create(EntrySchema, {
  path: one, name: one.slice(one.lastIndexOf("/") + 1), kind: one === "link" ? EntryKind.LINK : TREE[one] ? EntryKind.FOLDER : EntryKind.FILE, size: 5n,
})));
const parts = async (mode: FolderMode, chosen: string[], leftOut: string[]) => [...(await keptParts({ mode, chosen, leftOut }, look)).keys()].sort();

it("names all there is of a folder that is kept whole", async () => {
  expect(await parts(FolderMode.WHOLE, [], [])).toEqual(["a", "b", "c.txt"]);
});

it("names what lies beside the parts that are left out", async () => {
  expect(await parts(FolderMode.CHOSEN, [], ["a/x/1.txt"])).toEqual(["a/x/2.txt", "a/y", "b", "c.txt"]);
  expect(await parts(FolderMode.CHOSEN, ["a"], ["a/x"])).toEqual(["a/y"]);
  expect(await parts(FolderMode.CHOSEN, ["a/x/1.txt"], ["a"])).toEqual(["a/x/1.txt", "b", "c.txt"]);
});

it("names what was chosen, and nothing of what is only listed", async () => {
  expect(await parts(FolderMode.CHOSEN, ["b"], [])).toEqual(["b"]);
  expect(await parts(FolderMode.LISTED, [], [])).toEqual([]);
});
