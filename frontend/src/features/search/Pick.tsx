import { X } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { ImeGuard } from "../../lib/ime";
import { cx, ExternalTag, Field, IconButton } from "../../ui";
import styles from "./search.module.css";

interface Props {
  label: string;
  clear: string;
  /** The name of the one that was chosen; "" for none. */
  chosen: string;
  /** The one that was chosen is of another workspace. */
  external?: boolean | undefined;
  typed: string;
  options: readonly { readonly id: string; readonly name: string; readonly note: string; readonly external?: boolean }[];
  onType: (text: string) => void;
  onChoose: (id: string) => void;
}

/** One of many, by a part of its name: with the pointer, or with the arrows and Enter. The focus stays where one works. */
export function Pick({ label, clear, chosen, external = false, typed, options, onType, onChoose }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const acted = useRef(false);
  useEffect(() => {
    if (acted.current) place.current?.querySelector<HTMLElement>(chosen === "" ? "input" : "button")?.focus();
    acted.current = false;
  }, [chosen]);
  const choose = (id: string) => {
    acted.current = true;
    onChoose(id);
    onType("");
  };
  return (
    <div ref={place} className={styles.pick}>
      {chosen === "" ? <Box label={label} typed={typed} options={typed.trim() === "" ? [] : options} onType={onType} onChoose={choose} /> : (
        <>
          <span className={styles.label}>{label}</span>
          <span className={styles.chip}><bdi>{chosen}</bdi>{external && <ExternalTag brief />}<IconButton label={clear} onClick={() => choose("")}><X /></IconButton></span>
        </>
      )}
    </div>
  );
}

function Box({ label, typed, options, onType, onChoose }: Omit<Props, "clear" | "chosen" | "external">) {
  const id = useId();
  const [active, setActive] = useState(0);
  const [ime] = useState(() => new ImeGuard());
  const at = Math.min(active, options.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (ime.owns(event.nativeEvent) || options.length === 0) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setActive((at + step + options.length) % options.length);
    else if (event.key === "Enter") onChoose(options[at]!.id);
    else if (event.key === "Escape") onType("");
    else return;
    event.preventDefault();
  };
  return (
    <>
      <Field
        label={label} maxLength={80} value={typed} role="combobox" aria-expanded={options.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={options.length > 0 ? `${id}-${at}` : undefined} onKeyDown={onKeyDown} onKeyUp={() => ime.keyUp()}
        onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)}
        onChange={(event) => {
          onType(event.target.value);
          setActive(0);
        }}
      />
      {options.length > 0 && (
        <div className={styles.options} id={`${id}-list`} role="listbox" aria-label={label}>
          {options.map((option, index) => (
            <div
              key={option.id} id={`${id}-${index}`} role="option" aria-selected={index === at} className={cx(styles.option, index === at && styles.active)}
              onMouseMove={() => setActive(index)} onClick={() => onChoose(option.id)}
            >
              <bdi>{option.name}</bdi>{option.external && <ExternalTag workspace={option.note} />}{!option.external && option.note !== "" && <small><bdi>{option.note}</bdi></small>}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
