import type { Attachment } from "../../../api";
import { isFilm, isSound } from "../../../lib/picture";

export type Kind = "picture" | "film" | "sound" | "pdf" | "text";

const TEXTS = new Set("txt md markdown csv tsv json log xml yml yaml toml ini conf html htm svg css js mjs ts tsx jsx go py rs c h cc cpp java kt rb php sh ps1 bat sql srt vtt tex".split(" "));

/** As what a file can be looked at here; null: not at all. By its name where others said nothing of it, or too little. */
export function kindOf(file: Pick<Attachment, "name" | "mediaType" | "isPicture">): Kind | null {
  if (file.isPicture) return "picture";
  if (isFilm(file.mediaType)) return "film";
  if (isSound(file.mediaType)) return "sound";
  const end = file.name.slice(file.name.lastIndexOf(".") + 1).toLowerCase();
  if (file.mediaType === "application/pdf" || end === "pdf") return "pdf";
  // What could run is read as text, and does not.
  return file.mediaType.startsWith("text/") || TEXTS.has(end) ? "text" : null;
}
