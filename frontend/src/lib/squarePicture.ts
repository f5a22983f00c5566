import { MOST_PIXELS } from "./picture";

/** Sides of the picture of a group, in pixels. */
const SIDE = 256;
/** What the program takes at most; it draws the picture anew itself. */
const MOST_BYTES = 1 << 20;
/** A file that is larger is not looked at. */
const MOST_FILE = 30 << 20;

/** Kinds that may be chosen. SVG is a program, not a picture. */
export const CHOSEN_KINDS = "image/png,image/jpeg,image/webp";

/** Where the square is cut out of a picture: its middle. */
export function middleSquare(width: number, height: number): { x: number; y: number; side: number } {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

/**
 * The middle of a picture as a small square JPEG. Nothing of the file but its pixels goes along: neither place nor camera.
 * Undefined for what is no picture, or one that nobody could unpack.
 */
export async function squarePicture(file: File): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!CHOSEN_KINDS.split(",").includes(file.type) || file.size > MOST_FILE) return undefined;
  const url = URL.createObjectURL(file);
  try {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    const { naturalWidth: width, naturalHeight: height } = picture;
    if (width < 1 || height < 1 || width * height > MOST_PIXELS) return undefined;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const pen = canvas.getContext("2d");
    if (!pen) return undefined;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, SIDE, SIDE);
    const { x, y, side } = middleSquare(width, height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, x, y, side, side, 0, 0, SIDE, SIDE);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.9));
    return blob && blob.size <= MOST_BYTES ? new Uint8Array(await blob.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  } finally {
    URL.revokeObjectURL(url);
  }
}
