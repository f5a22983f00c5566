/** Kinds that the page shows as pictures. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export const isPicture = (file: { readonly type: string }) => SHOWN.has(file.type);

/** More than this nobody shows, and no preview of it is drawn: unpacked it would take all memory. The program has the same limit. */
export const MOST_PIXELS = 50 << 20;
/** A file whose sides nobody tells by then goes without them. */
const PATIENCE_MS = 4000;

/** Kinds that the page plays, as the program gives them. */
const PLAYED = new Set(["video/mp4", "video/webm", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "audio/flac"]);

export const isFilm = (type: string) => type.startsWith("video/") && PLAYED.has(type);
export const isSound = (type: string) => type.startsWith("audio/") && PLAYED.has(type);

export const isDrawable = ({ width, height }: { width: number; height: number }) => width > 0 && height > 0 && width * height <= MOST_PIXELS;

/**
 * Width and height of a picture or film, measured here so that no list jumps anywhere; zeros when it does not open. Nothing is unpacked for it: a small
 * file may hold a picture of any size.
 */
export async function measure(file: File): Promise<{ width: number; height: number }> {
  const film = isFilm(file.type);
  if (!film && !isPicture(file)) return { width: 0, height: 0 };
  const url = URL.createObjectURL(file);
  const picture = new Image();
  const player = document.createElement("video");
  player.preload = "metadata";
  const element = film ? player : picture;
  try {
    return await new Promise((done, fail) => {
      setTimeout(fail, PATIENCE_MS);
      element.onerror = fail;
      picture.onload = () => done({ width: picture.naturalWidth, height: picture.naturalHeight });
      player.onloadedmetadata = () => done({ width: player.videoWidth, height: player.videoHeight });
      element.src = url;
    });
  } catch {
    return { width: 0, height: 0 };
  } finally {
    element.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}

/** The box that a picture is shown in: its own shape, no larger than the most, never enlarged. */
export function box(width: number, height: number, most = { width: 320, height: 260 }): { width: number; height: number } {
  const scale = Math.min(1, most.width / width, most.height / height);
  return { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}
