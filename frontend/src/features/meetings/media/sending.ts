import type { CallSending } from "../../../api";

export interface Encoding {
  readonly rid: string;
  readonly active: boolean;
  readonly maxBitrate: number;
}

/** The camera's layers from small to large: a quarter of each side, a half, the whole; and what each needs at most to look well. */
export const LAYERS = [
  { rid: "q", scaleResolutionDownBy: 4, most: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, most: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, most: 1_700_000 },
] as const;
/** Below this a layer is a slide show. */
const LEAST = 30_000;

/**
 * Shares out what the engine allows among the layers that somebody wants. Small ones first: they reach everybody, and what they leave serves the
 * large one. Without any word of the engine all layers are sent: it has not looked yet.
 */
export function cameraEncodings(sending: Pick<CallSending, "cameraBps" | "layers"> | undefined): Encoding[] {
  if (!sending) return LAYERS.map(({ rid, most }) => ({ rid, active: true, maxBitrate: most }));
  let left = sending.cameraBps;
  return LAYERS.map(({ rid, most }) => {
    const wanted = sending.layers.includes(rid);
    const share = wanted ? Math.min(left, most) : 0;
    const active = wanted && share >= LEAST;
    if (active) left -= share;
    return { rid, active, maxBitrate: active ? share : LEAST };
  });
}

export function screenEncoding(sending: Pick<CallSending, "screenBps"> | undefined): { active: boolean; maxBitrate: number } {
  const bps = sending?.screenBps ?? 1_500_000;
  return { active: bps > 0, maxBitrate: Math.max(bps, LEAST) };
}
