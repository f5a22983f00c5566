import { Check, Paperclip, PenLine, Stamp, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FieldType, type ContractField } from "../../../api";
import { cx } from "../../../ui";
import { fieldIcon, fieldKey } from "../fieldTypes";
import { chooseFile } from "../upload";
import type { Look } from "./look";
import styles from "./sign.module.css";

export interface Filled {
  readonly value: string;
  readonly look: Look | null;
  /** For a seal: its drawing, or that its holder was asked. */
  readonly svg: string;
  readonly waits: boolean;
  /** It was chosen here and can be taken out. */
  readonly mine?: boolean;
}

interface Props {
  field: ContractField;
  scale: number;
  filled: Filled;
  fault: string | null;
  here: boolean;
  onFocus: () => void;
  onValue: (value: string) => void;
  onFile: (file: File) => void;
  /** Takes an attachment or a seal out again. */
  onTakeOut: () => void;
  /** Opens what makes a signature, initials or a seal. */
  onOpen: () => void;
}

/** One of my fields, filled where it stands. */
export function FillField({ field, scale, filled, fault, here, onFocus, onValue, onFile, onTakeOut, onOpen }: Props) {
  const { t } = useTranslation();
  const kind = field.label || t(`contracts.field.${fieldKey(field.type)}`);
  const label = `${kind}${field.required ? ` (${t("contracts.fill.required")})` : ""}`;
  const place = { left: field.x * scale, top: field.y * scale, width: field.width * scale, height: field.height * scale };
  const size = Math.max(9, Math.min(field.height * 0.6, 13)) * scale;
  const done = filled.value !== "" || filled.look !== null || filled.svg !== "";
  const common = { "data-fill": field.id, "aria-label": label, "aria-invalid": fault ? (true as const) : undefined, "aria-describedby": fault ? `fault-${field.id}` : undefined, onFocus };
  return (
    <div className={cx(styles.fill, here && styles.here)} data-done={done ? "" : undefined} data-fault={fault ? "" : undefined} data-type={fieldKey(field.type)} style={place}>
      {field.type === FieldType.CHECKBOX ? <input {...common} type="checkbox" checked={filled.value === "1"} onChange={(event) => onValue(event.target.checked ? "1" : "")} />
        : field.type === FieldType.CHOICE ? (
          <select {...common} value={filled.value} style={{ fontSize: size }} onChange={(event) => onValue(event.target.value)}>
            <option value="">{t("contracts.fill.choose")}</option>
            {field.choices.map((choice) => <option key={choice} value={choice}>{choice}</option>)}
          </select>
        ) : field.type === FieldType.DATE ? <input {...common} type="date" value={filled.value} style={{ fontSize: size }} onChange={(event) => onValue(event.target.value)} />
          : field.type === FieldType.TEXT || field.type === FieldType.NAME || field.type === FieldType.NUMBER
            ? field.height > 40 && field.type === FieldType.TEXT
              ? <textarea {...common} value={filled.value} style={{ fontSize: 11 * scale }} placeholder={kind} onChange={(event) => onValue(event.target.value)} />
              : <input {...common} value={filled.value} style={{ fontSize: size }} placeholder={kind} inputMode={field.type === FieldType.NUMBER ? "decimal" : undefined} onChange={(event) => onValue(event.target.value)} />
            : <Opens field={field} filled={filled} kind={kind} label={label} common={common} onOpen={field.type === FieldType.ATTACHMENT ? () => chooseFile("*/*", onFile) : onOpen} />}
      {(field.type === FieldType.ATTACHMENT || field.type === FieldType.SEAL) && (filled.value !== "" || filled.svg !== "") && filled.mine && (
        <button type="button" className={styles.takeOut} aria-label={t("contracts.fill.takeOut", { what: kind })} title={t("contracts.fill.takeOut", { what: kind })} onClick={onTakeOut}><X aria-hidden /></button>
      )}
      {fault && <span id={`fault-${field.id}`} role="alert" className={styles.fault}>{fault}</span>}
    </div>
  );
}

function Opens({ field, filled, kind, label, common, onOpen }: { field: ContractField; filled: Filled; kind: string; label: string; common: object; onOpen: () => void }) {
  const { t } = useTranslation();
  // What is read there belongs to the button's name.
  const shown = filled.look?.kind === "typed" ? filled.look.text : filled.look || filled.svg !== "" ? "" : filled.waits ? t("contracts.fill.sealAsked") : filled.value;
  const Icon = fieldIcon(field.type);
  return (
    <button {...common} type="button" aria-label={shown === "" ? label : `${label}: ${shown}`} onClick={onOpen}>
      {filled.look ? <LookPicture look={filled.look} />
        : filled.svg !== "" ? <img src={svgUrl(filled.svg)} alt="" />
          : filled.waits ? <><Check aria-hidden /><span>{t("contracts.fill.sealAsked")}</span></>
            : filled.value !== "" ? <><Paperclip aria-hidden /><span title={filled.value}>{filled.value}</span></>
              : <>{field.type === FieldType.SEAL ? <Stamp aria-hidden /> : field.type === FieldType.SIGNATURE ? <PenLine aria-hidden /> : <Icon aria-hidden />}<span>{kind}</span></>}
    </button>
  );
}

/** A drawing of the program as a picture: whatever stands in it, as a picture it can run nothing. */
export function svgUrl(svg: string): string {
  const known = urls.get(svg);
  if (known !== undefined) return known;
  const made = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  urls.set(svg, made);
  if (urls.size > 200) {
    const [first] = urls.keys();
    URL.revokeObjectURL(urls.get(first!)!);
    urls.delete(first!);
  }
  return made;
}

const urls = new Map<string, string>();

export function LookPicture({ look }: { look: Look }) {
  if (look.kind === "typed") return <span className={styles.hand}>{look.text}</span>;
  if (look.kind === "image") return <img src={look.url} alt="" />;
  if (look.kind === "seal") return <img src={svgUrl(look.svg)} alt="" />;
  return <svg viewBox={`0 0 ${look.width} ${look.height}`} aria-hidden className={styles.drawn}><path className={styles.ink} d={look.path} /></svg>;
}
