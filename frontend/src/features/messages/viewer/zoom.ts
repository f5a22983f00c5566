/** "fit": as large as there is room, and never larger than it is. */
export type Zoom = "fit" | number;

interface Sides {
  readonly width: number;
  readonly height: number;
}

const STEPS = [0.1, 0.17, 0.25, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 5, 8] as const;

export function scaleOf(zoom: Zoom, file: Sides, room: Sides): number {
  if (zoom !== "fit") return zoom;
  if (room.width === 0 || room.height === 0) return 1;
  return Math.min(1, room.width / file.width, room.height / file.height);
}

/** The next step in a direction from any scale. */
export function step(scale: number, direction: 1 | -1): number {
  const wanted = direction > 0 ? STEPS.find((one) => one > scale * 1.01) : STEPS.findLast((one) => one < scale * 0.99);
  return wanted ?? (direction > 0 ? STEPS.at(-1)! : Math.min(scale, STEPS[0]));
}
