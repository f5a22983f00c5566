import type { PageSize } from "./open";

// Where pages stand in the column that one scrolls through. Plain numbers, so that tests need no browser.

export const GAP = 14;
export const EDGE = 16;
export const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4] as const;
/** Wider than this a page is no pleasure to read. */
const WIDEST_FIT = 980;

/** "fit": as wide as there is room. */
export type Zoom = "fit" | number;

export function scaleOf(zoom: Zoom, sizes: readonly PageSize[], room: number): number {
  if (zoom !== "fit") return zoom;
  const widest = Math.max(...sizes.map((size) => size.width), 1);
  return Math.max(0.2, Math.min(room - 2 * EDGE, WIDEST_FIT) / widest);
}

/** The next step in a direction from any scale. */
export function step(scale: number, direction: 1 | -1): number {
  const wanted = direction > 0 ? ZOOMS.find((zoom) => zoom > scale * 1.01) : ZOOMS.findLast((zoom) => zoom < scale * 0.99);
  return wanted ?? (direction > 0 ? ZOOMS.at(-1)! : ZOOMS[0]);
}

/** Upper edges of all pages, and the height of the whole. */
export function tops(sizes: readonly PageSize[], scale: number): { readonly tops: readonly number[]; readonly height: number } {
  const found: number[] = [];
  let at = EDGE;
  for (const size of sizes) {
    found.push(at);
    at += size.height * scale + GAP;
  }
  return { tops: found, height: at - GAP + EDGE };
}

/** The pages that a window of `height` from `top` on shows, with one more on either side; from 0, the last one included. */
export function visible(edges: readonly number[], sizes: readonly PageSize[], scale: number, top: number, height: number): readonly [number, number] {
  let first = 0;
  while (first < edges.length - 1 && edges[first]! + sizes[first]!.height * scale < top) first++;
  let last = first;
  while (last < edges.length - 1 && edges[last + 1]! < top + height) last++;
  return [Math.max(0, first - 1), Math.min(edges.length - 1, last + 1)];
}

/** The page that one reads, from 1: the one under the upper third of the window. */
export function current(edges: readonly number[], top: number, height: number): number {
  const at = top + height / 3;
  let page = 1;
  while (page < edges.length && edges[page]! <= at) page++;
  return page;
}
