import { MOST_PIXELS } from "./picture";

/** Sides of the pictures of groups and of people, in pixels; a person's lies in everybody's log. */
export const GROUP_SIDE = 256;
export const PERSON_SIDE = 160;
/** What the program takes at most; it draws the picture anew itself. */
const MOST_BYTES = 1 << 20;
/** A file that is larger is not looked at. */
const MOST_FILE = 30 << 20;

/** Kinds that may be chosen. SVG is a program, not a picture. */
export const CHOSEN_KINDS = "image/png,image/jpeg,image/webp";

/** Which square of a picture: how large (1: as large as fits), and where, from 0 to 1. */
export interface Cut {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}
export const MIDDLE: Cut = { zoom: 1, x: 0.5, y: 0.5 };
export const MOST_ZOOM = 4;

/** Where the square is cut out of a picture, in its pixels. */
export function squareOf(width: number, height: number, { zoom, x, y }: Cut): { x: number; y: number; side: number } {
  const side = Math.max(1, Math.min(width, height) / Math.min(Math.max(zoom, 1), MOST_ZOOM));
  const within = (at: number) => Math.min(Math.max(at, 0), 1);
  return { x: within(x) * (width - side), y: within(y) * (height - side), side };
}

/** A file as a picture that may be drawn; undefined for what is no picture, or one that nobody could unpack. Nothing is unpacked before its sides are known. */
export async function openPicture(file: File): Promise<HTMLImageElement | undefined> {
  if (!CHOSEN_KINDS.split(",").includes(file.type) || file.size > MOST_FILE) return undefined;
  const url = URL.createObjectURL(file);
  try {
    const picture = new Image();
    await new Promise((done, fail) => {
      picture.onload = done;
      picture.onerror = fail;
      picture.src = url;
    });
    const { naturalWidth: width, naturalHeight: height } = picture;
    if (width < 1 || height < 1 || width * height > MOST_PIXELS) return undefined;
    await picture.decode();
    return picture;
  } catch {
    return undefined;
  } finally {
    // What is loaded stays with the picture.
    URL.revokeObjectURL(url);
  }
}

/** Draws a square of a picture over all of a canvas. */
export function drawCut(canvas: HTMLCanvasElement, picture: HTMLImageElement, cut: Cut): boolean {
  const pen = canvas.getContext("2d");
  if (!pen) return false;
  const { x, y, side } = squareOf(picture.naturalWidth, picture.naturalHeight, cut);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
  return true;
}

/** A square of a picture as a small JPEG. Nothing of the file but its pixels goes along: neither place nor camera. */
export async function cutPicture(picture: HTMLImageElement, cut: Cut, side: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  if (!drawCut(canvas, picture, cut)) return undefined;
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return blob && blob.size <= MOST_BYTES ? new Uint8Array(await blob.arrayBuffer()) : undefined;
}
