import { GAP, gridOf } from "../room/layout";

/** One picture of a recording, with the name below it; without a stream the name stands alone. */
export interface Part {
  readonly key: string;
  readonly name: string;
  readonly stream: MediaStream | null;
}

export interface Scene {
  readonly big: Part | null;
  readonly others: readonly Part[];
}

const PAPER = "#141716";
const TILE = "#232826";
const INK = "#e9ece9";
const FONT = '"PingFang SC", "Microsoft YaHei UI", "Noto Sans CJK SC", system-ui, sans-serif';

const videos = new WeakMap<MediaStream, HTMLVideoElement>();

/** A video element for each stream: only such a thing can be painted. */
function videoOf(stream: MediaStream): HTMLVideoElement {
  let video = videos.get(stream);
  if (!video) {
    video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    videos.set(stream, video);
  }
  if (video.paused) void video.play().catch(() => {});
  return video;
}

/** Paints everybody: the large one left with the others in a column beside it, or all in a grid. */
export function draw(context: CanvasRenderingContext2D, scene: Scene, width: number, height: number): void {
  context.fillStyle = PAPER;
  context.fillRect(0, 0, width, height);
  if (scene.big) {
    const side = scene.others.length > 0 ? Math.round(width * 0.2) : 0;
    paint(context, scene.big, 0, 0, width - side - (side > 0 ? GAP : 0), height);
    const tall = Math.round((side * 9) / 16);
    scene.others.slice(0, Math.floor(height / Math.max(tall + GAP, 1))).forEach((part, index) => paint(context, part, width - side, index * (tall + GAP), side, tall));
    return;
  }
  const grid = gridOf(scene.others.length, width - 2 * GAP, height - 2 * GAP);
  const top = (height - grid.rows * grid.height - (grid.rows - 1) * GAP) / 2;
  scene.others.forEach((part, index) => {
    const row = Math.floor(index / grid.cols);
    const inRow = Math.min(grid.cols, scene.others.length - row * grid.cols);
    const left = (width - inRow * grid.width - (inRow - 1) * GAP) / 2;
    paint(context, part, left + (index % grid.cols) * (grid.width + GAP), top + row * (grid.height + GAP), grid.width, grid.height);
  });
}

function paint(context: CanvasRenderingContext2D, part: Part, x: number, y: number, width: number, height: number): void {
  context.fillStyle = TILE;
  context.fillRect(x, y, width, height);
  const video = part.stream ? videoOf(part.stream) : null;
  const size = Math.max(Math.round(height * 0.05), 13);
  context.fillStyle = INK;
  if (video && video.videoWidth > 0) {
    const scale = Math.min(width / video.videoWidth, height / video.videoHeight);
    const wide = video.videoWidth * scale;
    const tall = video.videoHeight * scale;
    context.drawImage(video, x + (width - wide) / 2, y + (height - tall) / 2, wide, tall);
    context.font = `${size}px ${FONT}`;
    context.textAlign = "left";
    context.fillText(part.name, x + size * 0.6, y + height - size * 0.6, width - size * 1.2);
  } else {
    context.font = `600 ${size * 1.6}px ${FONT}`;
    context.textAlign = "center";
    context.fillText(part.name, x + width / 2, y + height / 2, width - size);
  }
}
