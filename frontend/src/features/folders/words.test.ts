import { create } from "@bufbuild/protobuf";
import type { TFunction } from "i18next";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { EntryKind, EntrySchema, EntryState, FolderChangeSchema, FolderMode, FolderSchema, FolderState, type Folder } from "../../api";
import en from "../../i18n/en.json";
import zh from "../../i18n/zh.json";
import { changeWords, entryWords, folderProgress, folderWords, from, isOffered, lasting, type Speech } from "./words";

const speech = (language: "zh" | "en"): Speech => {
  const t = i18next.getFixedT(language) as TFunction;
  return { t, language, sentence: ({ code }) => t(`errors.${code}` as "errors.internal") };
};

beforeAll(async () => {
  await i18next.init({ lng: "en", resources: { en: { translation: en }, zh: { translation: zh } }, interpolation: { escapeValue: false } });
});

const folder = (init: Partial<Folder>) => create(FolderSchema, { active: true, files: 1240n, bytes: 3_200_000_000n, localPath: "/x", mode: FolderMode.WHOLE, ...(init as object) });
const sources = [{ personName: "李卓然", deviceName: "台式机", via: "lan" }];

describe("the sentence about a folder", () => {
  it.each<[string, Partial<Folder>, string, string]>([
    ["up to date", { state: FolderState.UP_TO_DATE }, "Up to date · 1,240 files, 3.2 GB", "已是最新 · 1,240 个文件，3.2 GB"],
    ["one file", { state: FolderState.UP_TO_DATE, files: 1n, bytes: 900n }, "Up to date · 1 file, 900 B", "已是最新 · 1 个文件，900 B"],
    ["a part", { state: FolderState.UP_TO_DATE, mode: FolderMode.CHOSEN }, "What you chose is up to date · 1,240 files, 3.2 GB in all", "所选内容已是最新 · 共 1,240 个文件，3.2 GB"],
    ["unsent is not up to date", { state: FolderState.UP_TO_DATE, unsent: 2n }, "Everything is here · 2 changes of yours are on this computer only", "文件齐全 · 你的 2 处改动还只在这台电脑上"],
    ["unsaid is not up to date", { state: FolderState.UP_TO_DATE, unsaid: 1n, unsent: 2n }, "Reading 1 change made here", "正在登记本机的 1 处改动"],
    ["scanning", { state: FolderState.SCANNING, scanned: 5120n }, "Looking through this disk · 5,120 files so far", "正在查看磁盘 · 已看 5,120 个文件"],
    ["fetching", { state: FolderState.FETCHING, files: 120n, missingFiles: 3n, secondsLeft: 14n, sources: sources as never }, "3 of 120 files are missing, 14 s, directly from 李卓然 (台式机)", "还差 3 个文件（共 120 个），约 14 秒，直接来自李卓然（台式机）"],
    ["fetching, nothing known yet", { state: FolderState.FETCHING }, "Files are coming", "正在接收文件"],
    ["waiting", { state: FolderState.WAITING, missingFiles: 1n }, "1 of 1,240 files is missing · waiting: nobody who has them can be reached", "还差 1 个文件（共 1,240 个） · 等待中：有这些文件的人目前都联系不上"],
    ["paused", { state: FolderState.PAUSED }, "Paused", "已暂停"],
    ["listed", { state: FolderState.LISTED }, "Only listed · 1,240 files, 3.2 GB, taking no room here", "仅列出 · 1,240 个文件，3.2 GB，不占本机空间"],
    ["held", { state: FolderState.HELD, heldBy: "battery" }, "Held back: on battery", "暂缓传输：正在使用电池"],
    ["stopped", { state: FolderState.STOPPED, errorCode: "folder_missing" }, `Stopped: ${en.errors.folder_missing}`, `已停止：${zh.errors.folder_missing}`],
    ["ended", { state: FolderState.UP_TO_DATE, active: false }, "No longer shared. The files are ordinary files now.", "共享已结束，文件现在是普通文件。"],
  ])("%s", (_, init, english, chinese) => {
    expect(folderWords(folder(init), speech("en")).text).toBe(english);
    expect(folderWords(folder(init), speech("zh")).text).toBe(chinese);
  });

  it("calls good only what is on this disk and on others", () => {
    const tones = [{ state: FolderState.UP_TO_DATE }, { state: FolderState.UP_TO_DATE, unsent: 1n }, { state: FolderState.WAITING }, { state: FolderState.STOPPED }].map((init) => folderWords(folder(init), speech("en")).tone);
    expect(tones).toEqual(["good", "idle", "idle", "bad"]);
  });
});

it("names the best source first and says that there are others", () => {
  const all = [{ personName: "Anna", deviceName: "", via: "relayed" }, ...sources].map((source) => ({ $typeName: "roundtable.v1.FolderSource" as const, ...source }));
  expect(from(all, speech("en"))).toBe("directly from 李卓然 (台式机) and 1 more");
  expect(from([all[0]!], speech("en"))).toBe("through a relay from Anna");
  expect(from([], speech("en"))).toBe("");
});

it("guesses time as roughly as it is known", () => {
  expect([0n, 14n, 99n, 100n, 3600n, 7200n].map((seconds) => lasting(seconds, speech("en")))).toEqual(["1 s", "14 s", "99 s", "2 min", "60 min", "2 h"]);
});

it("never shows more progress than there is", () => {
  expect(folderProgress(folder({ state: FolderState.FETCHING, bytes: 100n, missingBytes: 40n }))).toEqual({ done: 60n, total: 100n });
  expect(folderProgress(folder({ state: FolderState.FETCHING, bytes: 100n, missingBytes: 400n }))).toEqual({ done: 0n, total: 100n });
  expect(folderProgress(folder({ state: FolderState.UP_TO_DATE, bytes: 100n, missingBytes: 0n }))).toBeNull();
});

it("offers what nobody has decided on", () => {
  expect(isOffered(folder({ mode: FolderMode.LISTED, localPath: "" }))).toBe(true);
  expect(isOffered(folder({}))).toBe(false);
});

it("says the state of an entry in words", () => {
  const entry = (state: EntryState, more: object = {}) => entryWords(create(EntrySchema, { kind: EntryKind.FILE, size: 100n, state, ...more }), speech("zh")).text;
  expect([entry(EntryState.HERE), entry(EntryState.FETCHING, { fetched: 37n }), entry(EntryState.FETCHING, { fetched: 100n }), entry(EntryState.LISTED), entry(EntryState.PROBLEM, { errorCode: "entry_locked" })])
    .toEqual(["在本机", "接收中 37%", "接收中 99%", "仅列出", zh.errors.entry_locked]);
});

it("tells a renaming from a move", () => {
  const did = (init: object) => changeWords(create(FolderChangeSchema, init as never), speech("en"));
  expect(did({ what: "moved", from: "a/x.txt", path: "a/y.txt" })).toBe("renamed x.txt to y.txt");
  expect(did({ what: "moved", from: "x.txt", path: "b/x.txt" })).toBe("moved x.txt to b");
  expect(did({ what: "moved", from: "b/x.txt", path: "x.txt" })).toBe("moved x.txt to the top");
  expect(did({ what: "several", path: "样品", count: 34n })).toBe("changed 34 files in 样品");
  expect(did({ what: "several_added", path: "", count: 19n })).toBe("added 19 files");
  expect(did({ what: "several_removed", path: "样品", count: 2n })).toBe("deleted 2 files in 样品");
  expect(did({ what: "something new", path: "x" })).toBe("changed x");
});
