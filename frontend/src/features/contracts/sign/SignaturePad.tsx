import { useRef, useState, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { Eraser, Undo2 } from "lucide-react";
import { Button } from "../../../ui";
import styles from "./sign.module.css";
import { extend, smooth, type Point, type Stroke } from "./strokes";

const WIDTH = 480;
const HEIGHT = 180;

const svgPath = (stroke: Stroke) => smooth(stroke).map((point, index) => `${index === 0 ? "M" : "L"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join("");

/** Where one draws with mouse, finger or pen. */
export function SignaturePad({ label, strokes, onStrokes }: { label: string; strokes: readonly Stroke[]; onStrokes: (strokes: readonly Stroke[]) => void }) {
  const { t } = useTranslation();
  const [line, setLine] = useState<Stroke | null>(null);
  const pad = useRef<SVGSVGElement>(null);
  const place = (event: { clientX: number; clientY: number }): Point => {
    const box = pad.current!.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * WIDTH, y: ((event.clientY - box.top) / box.height) * HEIGHT };
  };
  const track = (event: PointerEvent) => {
    if (!line) return;
    // Browsers hold back what came between two frames.
    const all = event.nativeEvent.getCoalescedEvents?.() ?? [];
    setLine((all.length > 0 ? all : [event]).reduce<Stroke>((stroke, one) => extend(stroke, place(one)), line));
  };
  const end = () => {
    if (line) onStrokes([...strokes, line]);
    setLine(null);
  };
  return (
    <div className={styles.pad}>
      <svg
        ref={pad} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} className={styles.sheet}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setLine([place(event)]);
        }}
        onPointerMove={track} onPointerUp={end} onPointerCancel={end}
      >
        <path className={styles.base} d={`M24 ${HEIGHT - 42}H${WIDTH - 24}`} />
        {[...strokes, ...(line ? [line] : [])].map((stroke, index) => <path key={index} className={styles.ink} d={stroke.length === 1 ? `M${stroke[0]!.x} ${stroke[0]!.y}h.6` : svgPath(stroke)} />)}
      </svg>
      <div className={styles.padDeeds}>
        <Button kind="quiet" icon={<Undo2 aria-hidden />} disabled={strokes.length === 0} onClick={() => onStrokes(strokes.slice(0, -1))}>{t("contracts.pad.undo")}</Button>
        <Button kind="quiet" icon={<Eraser aria-hidden />} disabled={strokes.length === 0} onClick={() => onStrokes([])}>{t("contracts.pad.clear")}</Button>
      </div>
    </div>
  );
}
