/** Kinds that the page shows as pictures. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export const isPicture = (file: { readonly type: string }) => SHOWN.has(file.type);

/** Width and height of a picture, measured here so that no list jumps anywhere; zeros when it does not open. */
export async function measure(file: File): Promise<{ width: number; height: number }> {
  if (!isPicture(file)) return { width: 0, height: 0 };
  const url = URL.createObjectURL(file);
  try {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    return { width: picture.naturalWidth, height: picture.naturalHeight };
  } catch {
    return { width: 0, height: 0 };
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The box that a picture is shown in: its own shape, no larger than the most, never enlarged. */
export function box(width: number, height: number, most = { width: 320, height: 260 }): { width: number; height: number } {
  const scale = Math.min(1, most.width / width, most.height / height);
  return { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}
