import { Maximize2, Scan, ZoomIn, ZoomOut } from "lucide-react";
import { useEffect, useRef, useState, type PointerEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "../../../api";
import { IconButton } from "../../../ui";
import styles from "./viewer.module.css";
import { scaleOf, step, type Zoom } from "./zoom";

/** A picture, fitted in or larger; what is larger is moved with the pointer. `keys` takes + - 0 of the window. */
export function PictureView({ file, tools, broken, keys }: { file: Attachment; tools: (own: ReactNode) => ReactNode; broken: ReactNode; keys: { current: ((key: string) => boolean) | null } }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 0, height: 0 });
  const [zoom, setZoom] = useState<Zoom>("fit");
  const [failed, setFailed] = useState(false);
  const scale = scaleOf(zoom, file, room);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setRoom({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [failed]);
  useEffect(() => {
    keys.current = (key) => {
      if (key === "+" || key === "=") setZoom(step(scale, 1));
      else if (key === "-") setZoom(step(scale, -1));
      else if (key === "0") setZoom("fit");
      else return false;
      return true;
    };
    return () => {
      keys.current = null;
    };
  }, [keys, scale]);
  useWheel(frame, (direction) => setZoom(step(scale, direction)), failed);
  const drag = useDrag(frame);
  if (failed) return <>{tools(null)}{broken}</>;
  const shape = { width: Math.max(1, Math.round(file.width * scale)), height: Math.max(1, Math.round(file.height * scale)) };
  return (
    <>
      {tools(
        <>
          <IconButton label={t("attach.zoomOut")} onClick={() => setZoom(step(scale, -1))}><ZoomOut /></IconButton>
          <span className={styles.percent} aria-live="polite">{`${Math.round(scale * 100)} %`}</span>
          <IconButton label={t("attach.zoomIn")} onClick={() => setZoom(step(scale, 1))}><ZoomIn /></IconButton>
          <IconButton label={t("attach.zoomFit")} aria-pressed={zoom === "fit"} onClick={() => setZoom("fit")}><Maximize2 /></IconButton>
          <IconButton label={t("attach.zoomFull")} aria-pressed={zoom === 1} onClick={() => setZoom(1)}><Scan /></IconButton>
        </>,
      )}
      <div ref={frame} className={styles.frame} data-moves={zoom === "fit" ? undefined : ""} {...drag}>
        <img className={styles.picture} src={file.path} alt={file.name} draggable={false} style={shape} onError={() => setFailed(true)} onDoubleClick={() => setZoom(zoom === "fit" ? 1 : "fit")} />
      </div>
    </>
  );
}

/** The wheel with Ctrl, and two fingers on a touchpad. */
function useWheel(frame: { readonly current: HTMLDivElement | null }, turn: (direction: 1 | -1) => void, off: boolean): void {
  const newest = useRef(turn);
  useEffect(() => {
    newest.current = turn;
  });
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let last = 0;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      if (event.timeStamp - last < 80) return;
      last = event.timeStamp;
      newest.current(event.deltaY < 0 ? 1 : -1);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [frame, off]);
}

function useDrag(frame: { readonly current: HTMLDivElement | null }) {
  const from = useRef<{ x: number; y: number; left: number; top: number } | null>(null);
  return {
    onPointerDown(event: PointerEvent) {
      const element = frame.current;
      if (!element || event.button !== 0 || event.pointerType === "touch") return;
      from.current = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop };
      element.setPointerCapture?.(event.pointerId);
    },
    onPointerMove(event: PointerEvent) {
      const start = from.current;
      if (start) frame.current?.scrollTo({ left: start.left - event.clientX + start.x, top: start.top - event.clientY + start.y });
    },
    onPointerUp() {
      from.current = null;
    },
  };
}
