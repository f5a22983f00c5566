import { useRef, useState, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import type { ContractField, FieldType, Party } from "../../../api";
import { FIELD_TYPES, type FieldKey } from "../fieldTypes";
import { hue } from "./order";
import styles from "./fields.module.css";

/** Whose fields, and which. A press puts one in the middle of the page, dragging puts it anywhere. */
export function Palette({ parties, signers, party, fields, ready, onParty, onAdd, onDrop }: {
  parties: readonly Party[];
  signers: readonly Party[];
  party: number;
  fields: readonly ContractField[];
  ready: boolean;
  onParty: (party: number) => void;
  onAdd: (type: FieldType) => void;
  onDrop: (type: FieldType, page: number, point: { x: number; y: number }) => void;
}) {
  const { t } = useTranslation();
  return (
    <aside className={styles.palette} aria-label={t("contracts.fields.palette")}>
      <div className={styles.whose} role="radiogroup" aria-label={t("contracts.fields.whose")}>
        {signers.map((one) => {
          const count = fields.filter((field) => field.party === one.id).length;
          return (
            <button key={one.id} type="button" role="radio" aria-checked={one.id === party} className={styles.who} data-hue={hue(parties, one.id)} onClick={() => onParty(one.id)}>
              <i aria-hidden /><span><b><bdi>{one.label || one.name}</bdi></b>{one.label !== "" && <small><bdi>{one.name}</bdi></small>}</span><em>{t("contracts.fields.count", { count })}</em>
            </button>
          );
        })}
      </div>
      <p className={styles.tip}>{t("contracts.fields.tip")}</p>
      <div className={styles.types} data-hue={hue(parties, party)}>
        {FIELD_TYPES.map(([type, key, Icon]) => (
          <Tool key={key} name={key} Icon={Icon} disabled={!ready} onAdd={() => onAdd(type)} onDrop={(page, point) => onDrop(type, page, point)} />
        ))}
      </div>
    </aside>
  );
}

/** Where on which page a point of the window lies. */
function pageAt(x: number, y: number): { page: number; point: { x: number; y: number } } | null {
  const found = document.elementsFromPoint(x, y).find((element) => element instanceof HTMLElement && element.dataset["page"] !== undefined) as HTMLElement | undefined;
  if (!found) return null;
  const box = found.getBoundingClientRect();
  const scale = Number(found.dataset["scale"]);
  return { page: Number(found.dataset["page"]), point: { x: (x - box.left) / scale, y: (y - box.top) / scale } };
}

interface Press {
  readonly x: number;
  readonly y: number;
  /** It went far enough to be a drag, whatever was drawn meanwhile. */
  drags: boolean;
}

const FAR = 6;

function Tool({ name, Icon, disabled, onAdd, onDrop }: { name: FieldKey; Icon: (typeof FIELD_TYPES)[number][2]; disabled: boolean; onAdd: () => void; onDrop: (page: number, point: { x: number; y: number }) => void }) {
  const { t } = useTranslation();
  const press = useRef<Press | null>(null);
  const [ghost, setGhost] = useState<{ x: number; y: number } | null>(null);
  const follow = (event: PointerEvent) => {
    const from = press.current;
    if (!from) return false;
    from.drags ||= Math.hypot(event.clientX - from.x, event.clientY - from.y) > FAR;
    return from.drags;
  };
  const forget = () => {
    press.current = null;
    setGhost(null);
  };
  const drop = (event: PointerEvent) => {
    if (follow(event)) {
      const place = pageAt(event.clientX, event.clientY);
      if (place) onDrop(place.page, place.point);
    }
    // The click that follows a drag is none.
    setTimeout(forget);
  };
  return (
    <>
      <button
        type="button" className={styles.tool} disabled={disabled}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          press.current = { x: event.clientX, y: event.clientY, drags: false };
        }}
        onPointerMove={(event) => follow(event) && setGhost({ x: event.clientX, y: event.clientY })}
        onPointerUp={drop} onPointerCancel={forget}
        onClick={() => press.current?.drags !== true && onAdd()}
      >
        <Icon aria-hidden /><span>{t(`contracts.field.${name}`)}</span>
      </button>
      {ghost && <span className={styles.ghost} style={{ left: ghost.x, top: ghost.y }} aria-hidden><Icon />{t(`contracts.field.${name}`)}</span>}
    </>
  );
}
