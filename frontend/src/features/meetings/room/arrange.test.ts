import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { CallParticipantSchema, CallRole, SourceKind, type CallParticipant } from "../../../api";
import { arrange, withSpeaker } from "./arrange";
import { find, forList, handPlace, mayLead } from "./people";

const person = (deviceId: string, joined: number, init: Partial<Omit<CallParticipant, "$typeName">> = {}) => create(CallParticipantSchema, { deviceId, joinedUnixMs: BigInt(joined), role: CallRole.PARTICIPANT, ...init });
const all = [person("b", 2), person("me", 9), person("a", 1), person("c", 3)];
const keys = ({ big, others }: ReturnType<typeof arrange>) => [big?.key ?? "-", ...others.map(({ key }) => key)].join(" ").replaceAll(`/${SourceKind.CAMERA}`, "").replaceAll(`/${SourceKind.SCREEN}`, "!");
const at = { self: "me", view: "gallery", pinned: null, speaker: "" } as const;

describe("who is where", () => {
  it("oneself first, then as they came, whatever order they are told in", () => {
    expect(keys(arrange(all, at))).toBe("- me a b c");
    expect(keys(arrange([...all].reverse(), { ...at, speaker: "c" }))).toBe("- me a b c");
  });
  it("the speaker is large in the speaker's view, and never oneself", () => {
    expect(keys(arrange(all, { ...at, view: "speaker", speaker: "b" }))).toBe("b me a c");
    expect(keys(arrange(all, { ...at, view: "speaker", speaker: "me" }))).toBe("a me b c");
    expect(keys(arrange([person("me", 1)], { ...at, view: "speaker", speaker: "me" }))).toBe("- me");
  });
  it("a shared screen is large in every view; one's own is not shown to oneself", () => {
    const sharing = [...all, person("d", 4, { screen: true })];
    expect(keys(arrange(sharing, at))).toBe("d! me a b c d");
    expect(keys(arrange([person("me", 9, { screen: true }), person("a", 1)], at))).toBe("- me a");
  });
  it("what was pinned is large before everything else, and forgotten when it is gone", () => {
    const sharing = [...all, person("d", 4, { screen: true })];
    expect(keys(arrange(sharing, { ...at, pinned: `b/${SourceKind.CAMERA}` }))).toBe("b me a c d! d");
    expect(keys(arrange(all, { ...at, pinned: "gone/2" }))).toBe("- me a b c");
  });
  it("whoever speaks is on the first page", () => {
    const tiles = arrange(all, at).others;
    expect(withSpeaker(tiles, 3, "c").map(({ device }) => device)).toEqual(["me", "a", "c", "b"]);
    expect(withSpeaker(tiles, 3, "a")).toBe(tiles);
    expect(withSpeaker(tiles, 1, "c")).toBe(tiles);
  });
});

describe("the list of people", () => {
  it("raised hands first, in their order, then oneself, then hosts", () => {
    const room = [person("a", 1, { hand: true, handUnixMs: 20n }), person("b", 2, { role: CallRole.HOST }), person("c", 3, { hand: true, handUnixMs: 10n }), person("me", 4), person("d", 5, { role: CallRole.COHOST })];
    expect(forList(room, "me").map(({ deviceId }) => deviceId)).toEqual(["c", "a", "me", "b", "d"]);
    expect([handPlace(room, "c"), handPlace(room, "a"), handPlace(room, "b")]).toEqual([1, 2, 0]);
    expect(room.filter(mayLead).map(({ deviceId }) => deviceId)).toEqual(["b", "d"]);
  });
  it("finds by name, pinyin and initials", () => {
    const named = [{ name: "李卓然" }, { name: "Anna Novák" }];
    expect(find(named, "lzr")).toEqual([{ name: "李卓然" }]);
    expect(find(named, "novak")).toEqual([{ name: "Anna Novák" }]);
    expect(find(named, " ")).toBe(named);
  });
});
