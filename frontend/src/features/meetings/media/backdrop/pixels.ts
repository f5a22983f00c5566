// What is done with single pixels. Plain arrays, so that it can be tried without a camera.

/** Surer than this either way is sure: half-seen hair and chairs do not flicker. */
const LEAST = 0.3;
const MOST = 0.72;
/** How much of the picture before stays: edges tremble otherwise. */
const MEMORY = 0.35;

/** Makes of what the model thinks how much of each pixel is shown sharp, 0 to 255; `before` is what came out the last time and is written to. */
export function shown(mask: Float32Array, before: Uint8ClampedArray): void {
  for (let i = 0; i < mask.length; i++) {
    const t = Math.min(Math.max((mask[i]! - LEAST) / (MOST - LEAST), 0), 1);
    const now = t * t * (3 - 2 * t) * 255;
    before[i] = before[i]! * MEMORY + now * (1 - MEMORY);
  }
}

/**
 * Blurs what is behind the person, in place. The person's own pixels count for nothing: else a shine of their colours would lie around them. Three
 * passes of a box are nearly a Gaussian bell. `person` is 0 to 255, as large as the picture.
 */
export function blurBehind(rgba: Uint8ClampedArray, person: Uint8ClampedArray, width: number, height: number, radius: number): void {
  const count = width * height;
  // A little of the person counts after all, so that no pixel is without any neighbour.
  const planes = [0, 1, 2, 3].map(() => new Float32Array(count));
  for (let i = 0; i < count; i++) {
    const weight = Math.max(1 - person[i]! / 255, 0.004);
    for (let c = 0; c < 3; c++) planes[c]![i] = rgba[4 * i + c]! * weight;
    planes[3]![i] = weight;
  }
  const spare = new Float32Array(count);
  for (const plane of planes) {
    for (let pass = 0; pass < 3; pass++) {
      box(plane, spare, width, height, 1, width, radius);
      box(spare, plane, height, width, width, 1, radius);
    }
  }
  for (let i = 0; i < count; i++) {
    const weight = planes[3]![i]!;
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = planes[c]![i]! / weight;
    rgba[4 * i + 3] = 255;
  }
}

/** The mean of 2r+1 neighbours along one direction; at the edge the last one counts again. */
function box(from: Float32Array, to: Float32Array, length: number, lines: number, step: number, line: number, radius: number): void {
  const share = 1 / (2 * radius + 1);
  for (let l = 0; l < lines; l++) {
    const start = l * line;
    const at = (i: number) => from[start + Math.min(Math.max(i, 0), length - 1) * step]!;
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += at(i);
    for (let i = 0; i < length; i++) {
      to[start + i * step] = sum * share;
      sum += at(i + radius + 1) - at(i - radius);
    }
  }
}

/** A small picture of the same shape, for the model and the blur: `long` is its longer side. */
export function small(width: number, height: number, long: number): Size {
  const scale = Math.min(long / Math.max(width, height, 1), 1);
  return { width: Math.max(Math.round(width * scale), 1), height: Math.max(Math.round(height * scale), 1) };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A mask at a smaller size. Of the pixels that fall together the one counts that is most of the person: nothing of them shall run into the blur. */
export function shrunk(mask: Uint8ClampedArray, from: Size, to: Size): Uint8ClampedArray {
  const out = new Uint8ClampedArray(to.width * to.height);
  for (let y = 0; y < from.height; y++) {
    const row = Math.min(Math.floor((y * to.height) / from.height), to.height - 1) * to.width;
    for (let x = 0; x < from.width; x++) {
      const at = row + Math.min(Math.floor((x * to.width) / from.width), to.width - 1);
      const value = mask[y * from.width + x]!;
      if (value > out[at]!) out[at] = value;
    }
  }
  return out;
}
