import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { cx } from "./cx";
import styles from "./Menu.module.css";
import { usePortalRoot } from "./Night";

export interface MenuEntry {
  readonly key: string;
  readonly label: ReactNode;
  readonly icon?: ReactNode;
  readonly note?: string;
  readonly checked?: boolean;
  readonly danger?: boolean;
  readonly divided?: boolean;
  readonly onSelect: () => void;
}

/** Opens at a thing or a point, for lists whose rows have no menu each. */
export function AnchoredMenu({ at, onClose, entries, label, back }: {
  at: { getBoundingClientRect(): DOMRect } | null;
  onClose: () => void;
  entries: readonly MenuEntry[];
  label: string;
  /** Where the focus goes afterwards. */
  back: () => HTMLElement | null;
}) {
  return (
    <Base.Root open={at !== null} onOpenChange={(open) => !open && onClose()} modal={false}>
      <Base.Portal container={usePortalRoot()}>
        <Base.Positioner anchor={at} sideOffset={4} align="start" className={styles.positioner}>
          <Base.Popup className={styles.popup} aria-label={label} finalFocus={back}><Entries entries={entries} /></Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entries({ entries }: { entries: readonly MenuEntry[] }) {
  return entries.map((entry) => (
    <Base.Item key={entry.key} onClick={entry.onSelect} className={cx(styles.item, entry.danger && styles.danger, entry.divided && styles.divided)}>
      {entry.icon}
      <span className={styles.words}>
        <span className={styles.clip}>{entry.label}</span>
        {entry.note && <span className={styles.note}>{entry.note}</span>}
      </span>
      {entry.checked && <Check aria-hidden className={styles.end} />}
    </Base.Item>
  ));
}

export function Menu({ trigger, entries, label, align = "end" }: {
  trigger: ReactElement;
  entries: readonly MenuEntry[];
  label: string;
  align?: "start" | "end";
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal container={usePortalRoot()}>
        <Base.Positioner sideOffset={4} align={align} className={styles.positioner}>
          <Base.Popup className={styles.popup} aria-label={label}><Entries entries={entries} /></Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
