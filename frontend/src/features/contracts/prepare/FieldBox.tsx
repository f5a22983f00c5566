import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { FieldType, type ContractField, type Party } from "../../../api";
import { fieldIcon, fieldKey } from "../fieldTypes";
import type { PageSize } from "../../../ui/pdf";
import { clamp, resize, snap, type Box } from "./geometry";
import styles from "./fields.module.css";

interface Props {
  field: ContractField;
  party: Party | undefined;
  hue: number;
  page: PageSize;
  scale: number;
  chosen: boolean;
  others: readonly Box[];
  onChoose: () => void;
  /** `kind` joins steps that belong together for undoing. */
  onBox: (box: Box, kind: string) => void;
  onRemove: () => void;
  onLines: (lines: { vertical: number | null; horizontal: number | null } | null) => void;
}

const STEP = 4;
const isSquare = (type: FieldType) => type === FieldType.SEAL || type === FieldType.CHECKBOX;

/** A field on its page: moved by pointer or arrow keys, made larger with the corner or with Shift. */
export function FieldBox({ field, party, hue, page, scale, chosen, others, onChoose, onBox, onRemove, onLines }: Props) {
  const { t } = useTranslation();
  const [moving, setMoving] = useState<Box | null>(null);
  const from = useRef<{ x: number; y: number; box: Box; corner: boolean; moved: boolean } | null>(null);
  const box = moving ?? field;
  const Icon = fieldIcon(field.type);
  const kind = t(`contracts.field.${fieldKey(field.type)}`);
  const who = party ? party.label || party.name : t("contracts.fields.nobody");

  const down = (event: PointerEvent<HTMLElement>, corner: boolean) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, y: event.clientY, box: field, corner, moved: false };
    onChoose();
  };
  const track = (event: PointerEvent) => {
    const start = from.current;
    if (!start) return;
    const dx = (event.clientX - start.x) / scale;
    const dy = (event.clientY - start.y) / scale;
    if (!start.moved && Math.hypot(dx, dy) * scale < 3) return;
    start.moved = true;
    if (start.corner) {
      setMoving(resize(start.box, dx, dy, page, isSquare(field.type)));
      return;
    }
    // Alt leaves the lines aside.
    const wanted = clamp({ ...pick(start.box), x: start.box.x + dx, y: start.box.y + dy }, page);
    const snapped = event.altKey ? { box: wanted, vertical: null, horizontal: null } : snap(wanted, others, page);
    setMoving(snapped.box);
    onLines(snapped);
  };
  const up = () => {
    if (from.current?.moved && moving) onBox(moving, "");
    from.current = null;
    setMoving(null);
    onLines(null);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onRemove();
      return;
    }
    const step = event.altKey ? 0.5 : STEP;
    const [dx, dy] = ({ ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] } as const)[event.key] ?? [0, 0];
    if (dx === 0 && dy === 0) return;
    event.preventDefault();
    if (event.shiftKey) onBox(resize(pick(field), dx, dy, page, isSquare(field.type)), `size ${field.id}`);
    else onBox(clamp({ ...pick(field), x: field.x + dx, y: field.y + dy }, page), `move ${field.id}`);
  };
  return (
    <div
      className={styles.box} data-hue={hue} data-chosen={chosen ? "" : undefined} data-moving={moving ? "" : undefined} data-type={fieldKey(field.type)}
      style={{ left: box.x * scale, top: box.y * scale, width: box.width * scale, height: box.height * scale }}
    >
      <button
        type="button" className={styles.hold} data-field={field.id} aria-pressed={chosen} title={t("contracts.fields.keys")}
        aria-label={t("contracts.fields.of", { kind: field.label || kind, who, page: field.page })}
        onClick={onChoose} onKeyDown={onKey} onPointerDown={(event) => down(event, false)} onPointerMove={track} onPointerUp={up} onPointerCancel={up}
      >
        <Icon aria-hidden />
        <span>{field.label || kind}</span>
        {field.required && <b aria-hidden>*</b>}
      </button>
      {chosen && <span className={styles.corner} onPointerDown={(event) => down(event, true)} onPointerMove={track} onPointerUp={up} onPointerCancel={up} aria-hidden />}
    </div>
  );
}

const pick = ({ x, y, width, height }: Box): Box => ({ x, y, width, height });
