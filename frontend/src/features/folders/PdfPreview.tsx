import type { ReactNode } from "react";
import { useRuntime } from "../../live";
import { Waiting } from "../../ui";
import { PdfCover, PdfView, useDocument } from "../../ui/pdf";
import type { Shown } from "./Preview";
import styles from "./preview.module.css";

/** As high as the place in the panel. */
const COVER = 220;

/** A PDF: its first page in the panel, all of it in a dialog. What draws it is loaded with this file. */
export default function PdfPreview({ shown, large, broken }: { shown: Shown; large: boolean; broken: ReactNode }) {
  const state = useDocument(useRuntime().fetch, shown.contentPath, shown.stamp);
  if (large) return <div className={styles.document}><PdfView state={state} label={shown.name} /></div>;
  if (state.state === "loading") return <Waiting />;
  return state.state === "ready" ? <PdfCover pdf={state.pdf} most={COVER} /> : broken;
}
