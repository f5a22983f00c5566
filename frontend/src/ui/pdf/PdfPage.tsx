import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { loadPdfCode, type OpenPdf } from "./open";
import styles from "./pdf.module.css";

/** Of one canvas. Phones and old graphics cards draw nothing at all beyond. */
const MOST_AREA = 16_000_000;

/** One page: its picture, its text for selecting and for screen readers, and what lies over it. */
export function PdfPage({ pdf, number, scale, top, children }: { pdf: OpenPdf; number: number; scale: number; top: number; children?: ReactNode }) {
  const { t } = useTranslation();
  const picture = useRef<HTMLDivElement>(null);
  const words = useRef<HTMLDivElement>(null);
  const size = pdf.sizes[number - 1]!;

  useEffect(() => {
    let over = false;
    let stop = () => {};
    const draw = async () => {
      const [code, page] = await Promise.all([loadPdfCode(), pdf.doc.getPage(number)]);
      if (over) return;
      const viewport = page.getViewport({ scale });
      const density = Math.min(Math.max(window.devicePixelRatio || 1, 1), 4, Math.sqrt(MOST_AREA / (viewport.width * viewport.height)));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(viewport.width * density);
      canvas.height = Math.round(viewport.height * density);
      const task = page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] });
      const layer = document.createElement("div");
      layer.style.setProperty("--total-scale-factor", String(scale));
      const text = new code.TextLayer({ textContentSource: page.streamTextContent(), container: layer, viewport });
      stop = () => {
        task.cancel();
        text.cancel();
      };
      await task.promise;
      if (over) return;
      // What was drawn before stays until this moment: nothing flickers.
      picture.current?.replaceChildren(canvas);
      await text.render();
      if (!over) words.current?.replaceChildren(layer);
    };
    draw().catch(() => {});
    return () => {
      over = true;
      stop();
    };
  }, [pdf, number, scale]);

  return (
    <section
      aria-label={t("pdf.page", { page: number, count: pdf.sizes.length })} data-page={number} data-scale={scale}
      className={styles.page} style={{ top, width: size.width * scale, height: size.height * scale }}
    >
      <div ref={picture} className={styles.picture} aria-hidden />
      <div ref={words} className={styles.text} />
      {children && <div className={styles.over}>{children}</div>}
    </section>
  );
}
