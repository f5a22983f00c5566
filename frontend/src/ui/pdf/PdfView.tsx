import { FileX2, HardDriveDownload, Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../Button";
import { Empty, Waiting } from "../Notes";
import type { OpenPdf, PageSize } from "./open";
import { PdfPage } from "./PdfPage";
import styles from "./pdf.module.css";
import { current, EDGE, scaleOf, step, tops, visible, type Zoom } from "./places";
import type { PdfState } from "./useDocument";

export interface PdfHandle {
  /** Brings a place of a page into view; y in points. */
  show(page: number, y?: number): void;
  /** The page that one reads. */
  page(): number;
}

interface Props {
  state: PdfState;
  label: string;
  /** What lies over a page, in a layer of its size. */
  over?: (page: number, size: PageSize, scale: number) => ReactNode;
  handle?: Ref<PdfHandle>;
  /** At the end of the bar. */
  tools?: ReactNode;
  /** Instead of the sentence about bytes that are missing. */
  absent?: ReactNode;
}

/** A document, page below page. Only the pages that one sees are drawn. */
export function PdfView({ state, absent, ...rest }: Props) {
  const { t } = useTranslation();
  if (state.state === "ready") return <Pages pdf={state.pdf} {...rest} />;
  return (
    <div className={styles.still}>
      {state.state === "loading" ? <Waiting label={t("pdf.loading")} />
        : state.state === "damaged" ? <Empty icon={<FileX2 />} title={t("pdf.damagedTitle")}>{t("pdf.damagedText")}</Empty>
          : absent ?? <Empty icon={<HardDriveDownload />} title={t("pdf.absentTitle")}>{t("pdf.absentText")}</Empty>}
    </div>
  );
}

function Pages({ pdf, label, over, handle, tools }: Omit<Props, "state" | "absent"> & { pdf: OpenPdf }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 0, height: 0 });
  const [zoom, setZoom] = useState<Zoom>("fit");
  const [top, setTop] = useState(0);
  const { sizes } = pdf;
  const scale = scaleOf(zoom, sizes, room.width);
  const places = useMemo(() => tops(sizes, scale), [sizes, scale]);
  const [first, last] = visible(places.tops, sizes, scale, top, room.height);
  const page = current(places.tops, top, room.height);

  useLayoutEffect(() => {
    const element = frame.current!;
    const look = () => setRoom({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => observer.disconnect();
  }, []);
  // One goes on reading where one was, whatever the size.
  const before = useRef(places.height);
  useLayoutEffect(() => {
    const element = frame.current!;
    if (before.current !== places.height && before.current > 0) element.scrollTop = (element.scrollTop * places.height) / before.current;
    before.current = places.height;
  }, [places.height]);

  const show = useCallback((wanted: number, y = 0) => {
    const edge = places.tops[Math.min(Math.max(wanted, 1), places.tops.length) - 1];
    frame.current?.scrollTo({ top: (edge ?? 0) + y * scale - (y > 0 ? room.height / 3 : EDGE / 2) });
  }, [places, scale, room.height]);
  useImperativeHandle(handle, () => ({ show, page: () => page }), [show, page]);
  const larger = useCallback(() => setZoom(step(scale, 1)), [scale]);
  const smaller = useCallback(() => setZoom(step(scale, -1)), [scale]);
  useWheelZoom(frame, larger, smaller);

  const onKey = (event: KeyboardEvent) => {
    if (event.target !== frame.current || event.altKey) return;
    const deed = deedOf(event);
    if (!deed) return;
    event.preventDefault();
    ({ next: () => show(page + 1), previous: () => show(page - 1), first: () => show(1), last: () => show(sizes.length), larger, smaller, fit: () => setZoom("fit") })[deed]();
  };
  return (
    <div className={styles.view}>
      <div className={styles.bar} role="toolbar" aria-label={t("pdf.tools")}>
        <PageNumber page={page} count={sizes.length} onPage={show} />
        <IconButton label={t("pdf.smaller")} onClick={smaller}><ZoomOut /></IconButton>
        <span className={styles.percent} aria-live="polite">{`${Math.round(scale * 100)} %`}</span>
        <IconButton label={t("pdf.larger")} onClick={larger}><ZoomIn /></IconButton>
        <IconButton label={t("pdf.fit")} aria-pressed={zoom === "fit"} onClick={() => setZoom("fit")}><Maximize2 /></IconButton>
        {tools && <span className={styles.tools}>{tools}</span>}
      </div>
      <div
        ref={frame} className={styles.frame} tabIndex={0} role="region" aria-label={label} onKeyDown={onKey}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div className={styles.column} style={{ height: places.height, minWidth: Math.max(...sizes.map((size) => size.width)) * scale + 2 * EDGE }}>
          {room.width > 0 && sizes.slice(first, last + 1).map((size, index) => {
            const number = first + index + 1;
            return <PdfPage key={number} pdf={pdf} number={number} scale={scale} top={places.tops[number - 1]!}>{over?.(number, size, scale)}</PdfPage>;
          })}
        </div>
      </div>
    </div>
  );
}

function deedOf(event: KeyboardEvent) {
  const held = event.ctrlKey || event.metaKey;
  if (held) return ({ "+": "larger", "=": "larger", "-": "smaller", "0": "fit" } as const)[event.key];
  if (event.shiftKey) return undefined;
  return ({ ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last", "+": "larger", "-": "smaller" } as const)[event.key];
}

/** The wheel with Ctrl, and two fingers on a touchpad, zoom the document and not the window. */
function useWheelZoom(frame: { readonly current: HTMLDivElement | null }, larger: () => void, smaller: () => void): void {
  useEffect(() => {
    const element = frame.current!;
    let last = 0;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      if (event.timeStamp - last < 120) return;
      last = event.timeStamp;
      if (event.deltaY < 0) larger();
      else smaller();
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [frame, larger, smaller]);
}

function PageNumber({ page, count, onPage }: { page: number; count: number; onPage: (page: number) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | null>(null);
  const go = () => {
    const wanted = Number(typed);
    if (typed !== null && Number.isInteger(wanted) && wanted > 0) onPage(Math.min(wanted, count));
    setTyped(null);
  };
  return (
    <label className={styles.number}>
      <input
        aria-label={t("pdf.number")} inputMode="numeric" value={typed ?? String(page)} size={Math.max(2, String(count).length)}
        onChange={(event) => setTyped(event.target.value)} onBlur={go} onFocus={(event) => event.target.select()}
        onKeyDown={(event) => {
          if (event.key === "Enter") go();
          if (event.key === "ArrowDown") onPage(Math.min(page + 1, count));
          if (event.key === "ArrowUp") onPage(Math.max(page - 1, 1));
        }}
      />
      <span>{`/ ${count}`}</span>
    </label>
  );
}
