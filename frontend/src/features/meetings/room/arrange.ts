import { SourceKind, type CallParticipant } from "../../../api";

/** One picture: somebody's camera, or the screen that somebody shares. */
export interface TileRef {
  readonly key: string;
  readonly device: string;
  readonly kind: SourceKind.CAMERA | SourceKind.SCREEN;
}

export type View = "gallery" | "speaker";

export interface Arrangement {
  /** Null: all are equal. */
  readonly big: TileRef | null;
  readonly others: readonly TileRef[];
}

export function sourceKey(device: string, kind: SourceKind): string {
  return `${device}/${kind}`;
}

const camera = (device: string): TileRef => ({ key: sourceKey(device, SourceKind.CAMERA), device, kind: SourceKind.CAMERA });
const screen = (device: string): TileRef => ({ key: sourceKey(device, SourceKind.SCREEN), device, kind: SourceKind.SCREEN });

/** Oneself first, then as people came: nobody's place changes while they stay. */
export function inOrder(participants: readonly CallParticipant[], self: string): CallParticipant[] {
  const rank = (one: CallParticipant) => (one.deviceId === self ? 0 : 1);
  return [...participants].sort((a, b) => rank(a) - rank(b) || Number(a.joinedUnixMs - b.joinedUnixMs) || (a.deviceId < b.deviceId ? -1 : 1));
}

/**
 * What is large: what was pinned, else a shared screen (somebody else's, the latest who came), else in the speaker's view whoever speaks. One's own
 * screen is never large at home: it would show itself in itself.
 */
export function arrange(all: readonly CallParticipant[], { self, view, pinned, speaker }: { self: string; view: View; pinned: string | null; speaker: string }): Arrangement {
  const people = inOrder(all, self);
  const tiles = people.flatMap((one) => [...(one.screen && one.deviceId !== self ? [screen(one.deviceId)] : []), camera(one.deviceId)]);
  const find = (key: string | null) => tiles.find((tile) => tile.key === key) ?? null;
  const screens = tiles.filter((tile) => tile.kind === SourceKind.SCREEN);
  let big = find(pinned) ?? screens.at(-1) ?? null;
  if (!big && view === "speaker" && people.length > 1) {
    const heard = speaker !== self ? find(sourceKey(speaker, SourceKind.CAMERA)) : null;
    big = heard ?? camera(people.find((one) => one.deviceId !== self)?.deviceId ?? self);
  }
  return { big, others: big ? tiles.filter((tile) => tile.key !== big.key) : tiles };
}

/** Whoever speaks is seen: on a page of few tiles, the speaker takes the last place. */
export function withSpeaker(tiles: readonly TileRef[], size: number, speaker: string): readonly TileRef[] {
  const at = tiles.findIndex((tile) => tile.device === speaker && tile.kind === SourceKind.CAMERA);
  if (at < size || size < 2) return tiles;
  const rest = tiles.filter((_, index) => index !== at);
  return [...rest.slice(0, size - 1), tiles[at]!, ...rest.slice(size - 1)];
}
