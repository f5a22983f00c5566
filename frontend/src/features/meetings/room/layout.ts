// Where tiles lie. Plain numbers, so that every size can be tried without a screen.

export interface Grid {
  readonly cols: number;
  readonly rows: number;
  /** Of one tile. */
  readonly width: number;
  readonly height: number;
}

const ASPECT = 16 / 9;
export const GAP = 8;
/** Narrower than this, nobody recognises a face or reads a name. */
const LEAST_WIDTH = 168;
const MOST_TILES = 25;

/** The columns that make tiles largest. Tiles keep their shape: faces are never cut to fill a wall. */
export function gridOf(count: number, width: number, height: number): Grid {
  let best: Grid = { cols: 1, rows: Math.max(count, 1), width: 0, height: 0 };
  for (let cols = 1; cols <= Math.max(count, 1); cols++) {
    const rows = Math.max(Math.ceil(count / cols), 1);
    const tile = Math.floor(Math.max(Math.min((width - GAP * (cols - 1)) / cols, ((height - GAP * (rows - 1)) / rows) * ASPECT), 0));
    if (tile > best.width) best = { cols, rows, width: tile, height: Math.floor(tile / ASPECT) };
  }
  return best;
}

/** How many tiles one page of the gallery holds. */
export function pageSize(count: number, width: number, height: number): number {
  let most = Math.min(Math.max(count, 1), MOST_TILES);
  while (most > 1 && gridOf(most, width, height).width < LEAST_WIDTH) most--;
  return most;
}

/** The part of a list that a page shows; a page that is gone shows the last one. */
export function pageOf<T>(all: readonly T[], size: number, page: number): { shown: readonly T[]; page: number; pages: number } {
  const pages = Math.max(Math.ceil(all.length / Math.max(size, 1)), 1);
  const at = Math.min(Math.max(page, 0), pages - 1);
  return { shown: all.slice(at * size, (at + 1) * size), page: at, pages };
}
