import { FieldType, type ContractField } from "../../../api";
import type { PageSize } from "../../../ui/pdf";

// Where fields stand on pages, in points from the upper left corner. Plain numbers, so that tests need no browser.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const SMALLEST = 12;
/** So near to a line, a field jumps to it. */
export const NEAR = 4;

const SIZES: Partial<Record<FieldType, readonly [number, number]>> = {
  [FieldType.SIGNATURE]: [150, 50],
  // 42 mm, the size of a round company seal.
  [FieldType.SEAL]: [119, 119],
  [FieldType.INITIALS]: [64, 36],
  [FieldType.DATE]: [110, 22],
  [FieldType.NAME]: [120, 22],
  [FieldType.TEXT]: [180, 22],
  [FieldType.NUMBER]: [100, 22],
  [FieldType.CHECKBOX]: [16, 16],
  [FieldType.CHOICE]: [140, 22],
  [FieldType.ATTACHMENT]: [150, 28],
};

export function defaultSize(type: FieldType): { width: number; height: number } {
  const [width, height] = SIZES[type] ?? [120, 22];
  return { width, height };
}

const round = (value: number) => Math.round(value * 2) / 2;

/** The box inside its page: moved first, made smaller when it does not fit at all. */
export function clamp(box: Box, page: PageSize): Box {
  const width = round(Math.min(Math.max(box.width, SMALLEST), page.width));
  const height = round(Math.min(Math.max(box.height, SMALLEST), page.height));
  return {
    width, height,
    x: round(Math.min(Math.max(box.x, 0), page.width - width)),
    y: round(Math.min(Math.max(box.y, 0), page.height - height)),
  };
}

/** A lower right corner that moves; the upper left one stays. */
export function resize(box: Box, dx: number, dy: number, page: PageSize, square = false): Box {
  let width = Math.min(Math.max(box.width + dx, SMALLEST), page.width - box.x);
  let height = Math.min(Math.max(box.height + dy, SMALLEST), page.height - box.y);
  if (square) width = height = Math.min(Math.max(width, height), page.width - box.x, page.height - box.y);
  return { ...box, width: round(width), height: round(height) };
}

/** With its middle at a point. */
export function centred(type: FieldType, x: number, y: number, page: PageSize): Box {
  const { width, height } = defaultSize(type);
  return clamp({ x: x - width / 2, y: y - height / 2, width, height }, page);
}

export interface Snapped {
  readonly box: Box;
  /** Lines to show: where edges and middles meet. */
  readonly vertical: number | null;
  readonly horizontal: number | null;
}

/** Pulls a box that is moved to the edges and middles of others, and to the middle of the page. */
export function snap(box: Box, others: readonly Box[], page: PageSize): Snapped {
  const along = (at: number, length: number, lines: readonly number[]) => {
    let best: { shift: number; line: number } | null = null;
    for (const line of lines) {
      for (const edge of [at, at + length / 2, at + length]) {
        const shift = line - edge;
        if (Math.abs(shift) <= NEAR && (best === null || Math.abs(shift) < Math.abs(best.shift))) best = { shift, line };
      }
    }
    return best;
  };
  const x = along(box.x, box.width, [page.width / 2, ...others.flatMap((one) => [one.x, one.x + one.width / 2, one.x + one.width])]);
  const y = along(box.y, box.height, others.flatMap((one) => [one.y, one.y + one.height / 2, one.y + one.height]));
  const moved = { ...box, x: box.x + (x?.shift ?? 0), y: box.y + (y?.shift ?? 0) };
  return { box: clamp(moved, page), vertical: x?.line ?? null, horizontal: y?.line ?? null };
}

const overlaps = (a: Box, b: Box) => a.x < b.x + b.width + NEAR && b.x < a.x + a.width + NEAR && a.y < b.y + b.height + NEAR && b.y < a.y + a.height + NEAR;

/** A place for a new field where none stands: the middle, else below, else above; the middle again when the page is full. */
export function freePlace(type: FieldType, others: readonly Box[], page: PageSize): Box {
  const middle = centred(type, page.width / 2, page.height / 2, page);
  for (let away = 0; away < page.height; away += 8) {
    for (const y of [middle.y + away, middle.y - away]) {
      const box = clamp({ ...middle, y }, page);
      if (!others.some((one) => overlaps(box, one))) return box;
    }
  }
  return middle;
}

/** The field on every other page, at the same place, where it is not there yet. */
export function copies(field: ContractField, fields: readonly ContractField[], pages: readonly PageSize[], id: () => string): ContractField[] {
  return pages.flatMap((page, index) => {
    const number = index + 1;
    const box = clamp(field, page);
    const there = fields.some((one) => one.page === number && one.type === field.type && one.party === field.party && Math.abs(one.x - box.x) < 1 && Math.abs(one.y - box.y) < 1);
    return number === field.page || there ? [] : [{ ...field, ...box, id: id(), page: number }];
  });
}
