import { File, FileArchive, FileAudio, FileImage, FileSpreadsheet, FileText, FileVideo, Folder, Link2, type LucideIcon } from "lucide-react";
import styles from "./FileIcon.module.css";

const ICONS: readonly (readonly [LucideIcon, string, string])[] = [
  [FileImage, "picture", "png jpg jpeg gif webp bmp svg tif tiff heic psd dwg dxf"],
  [FileVideo, "film", "mp4 mov avi mkv webm wmv"],
  [FileAudio, "sound", "mp3 wav flac ogg m4a aac amr"],
  [FileArchive, "archive", "zip rar 7z gz tar xz bz2 iso"],
  [FileSpreadsheet, "sheet", "xls xlsx csv et ods"],
  [FileText, "text", "pdf doc docx txt md wps rtf odt ppt pptx"],
];

/** Says by the end of its name what a file probably is. */
export function FileIcon({ name, kind: known, small }: { name: string; kind?: "folder" | "link"; small?: boolean }) {
  const end = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const [Icon, kind] = known === "folder" ? [Folder, "folder"] : known === "link" ? [Link2, "file"] : ICONS.find(([, , ends]) => ends.split(" ").includes(end)) ?? [File, "file"];
  return <span className={styles.icon} data-kind={kind} data-small={small ? "" : undefined} aria-hidden><Icon /></span>;
}
