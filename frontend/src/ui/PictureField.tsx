import { ImagePlus, Trash2 } from "lucide-react";
import { useEffect, useRef, useState, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { CHOSEN_KINDS, cutPicture, drawCut, MIDDLE, MOST_ZOOM, openPicture, type Cut } from "../lib/squarePicture";
import { Avatar } from "./Avatar";
import { Button } from "./Button";
import styles from "./PictureField.module.css";

type Bytes = Uint8Array<ArrayBuffer>;

/** A small square picture: chosen, moved about in its square, or taken away. Null takes it away, undefined leaves what was before. */
export function PictureField({ id, name, label, hint, side, before, picture, onPicture }: {
  id: string;
  name: string;
  label: string;
  hint: string;
  /** Sides of what comes out, in pixels. */
  side: number;
  /** What is shown so far. */
  before: string | undefined;
  picture: Bytes | null | undefined;
  onPicture: (picture: Bytes | null) => void;
}) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [bad, setBad] = useState(false);
  const [chosen, setChosen] = useState<HTMLImageElement | null>(null);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    const opened = await openPicture(file);
    setBad(!opened);
    if (opened) setChosen(opened);
  };
  const shown = picture === undefined ? before : undefined;
  return (
    <div className={styles.field} role="group" aria-label={label}>
      {chosen && picture !== null ? <Cutting picture={chosen} side={side} onCut={onPicture} /> : <Avatar id={picture === null ? "" : id} name={name} size="lg" picture={shown} />}
      <div className={styles.words}>
        <div className={styles.deeds}>
          <Button icon={<ImagePlus aria-hidden />} onClick={() => input.current?.click()}>{t("picture.choose")}</Button>
          {(shown !== undefined || picture) && (
            <Button
              icon={<Trash2 aria-hidden />}
              onClick={() => {
                setChosen(null);
                onPicture(null);
              }}
            >{t("picture.remove")}</Button>
          )}
        </div>
        <p className={styles.hint} role={bad ? "alert" : undefined}>{bad ? t("picture.bad") : hint}</p>
      </div>
      <input
        ref={input} type="file" accept={CHOSEN_KINDS} hidden aria-label={t("picture.choose")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) setChosen(null);
          void choose(file);
        }}
      />
    </div>
  );
}

/** The square of a picture that is taken: drawn with the pointer, or moved with the sliders. */
function Cutting({ picture, side, onCut }: { picture: HTMLImageElement; side: number; onCut: (bytes: Bytes) => void }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cut, setCut] = useState<Cut>(MIDDLE);
  const drag = useRef<{ x: number; y: number; cut: Cut } | null>(null);
  const tell = useRef(onCut);
  useEffect(() => {
    tell.current = onCut;
  });
  useEffect(() => {
    if (canvas.current) drawCut(canvas.current, picture, cut);
    let newest = true;
    void cutPicture(picture, cut, side).then((bytes) => newest && bytes && tell.current(bytes));
    return () => {
      newest = false;
    };
  }, [picture, cut, side]);
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    const from = drag.current;
    if (!from) return;
    const { naturalWidth: width, naturalHeight: height } = picture;
    const part = Math.min(width, height) / from.cut.zoom;
    const scale = part / event.currentTarget.clientWidth;
    const along = (at: number, by: number, room: number) => (room < 1 ? at : Math.min(1, Math.max(0, at - (by * scale) / room)));
    setCut({ ...from.cut, x: along(from.cut.x, event.clientX - from.x, width - part), y: along(from.cut.y, event.clientY - from.y, height - part) });
  };
  const slider = (key: keyof Cut, least: number, most: number) => (
    <label>{t(`picture.${key}`)}<input type="range" min={least} max={most} step={0.01} value={cut[key]} onChange={(event) => setCut((now) => ({ ...now, [key]: Number(event.target.value) }))} /></label>
  );
  return (
    <div className={styles.cutting}>
      <canvas
        ref={canvas} width={256} height={256} role="img" aria-label={t("picture.preview")}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, y: event.clientY, cut };
        }}
        onPointerMove={move}
        onPointerUp={() => (drag.current = null)} onPointerCancel={() => (drag.current = null)}
      />
      {slider("zoom", 1, MOST_ZOOM)}
      {slider("x", 0, 1)}
      {slider("y", 0, 1)}
    </div>
  );
}
