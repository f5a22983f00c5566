import { useEffect, useRef, useState } from "react";
import type { OpenPdf } from "./open";
import { PdfPage } from "./PdfPage";
import styles from "./pdf.module.css";

/** The first page, as large as the width and `most` let it be. */
export function PdfCover({ pdf, most }: { pdf: OpenPdf; most: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(0);
  const [size] = pdf.sizes;
  useEffect(() => {
    const element = frame.current!;
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const scale = size ? Math.min(room / size.width, most / size.height) : 0;
  return <div ref={frame} className={styles.cover} style={{ height: most }}>{scale > 0 && <PdfPage pdf={pdf} number={1} scale={scale} top={0} />}</div>;
}
