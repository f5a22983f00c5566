import { Checkbox } from "@base-ui/react/checkbox";
import { Check } from "lucide-react";
import styles from "./CheckRow.module.css";

/** One of several choices that do not exclude each other. */
export function CheckRow({ label, note, checked, disabled, onChange }: {
  label: string;
  note?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className={styles.row} data-disabled={disabled || undefined}>
      <Checkbox.Root checked={checked} disabled={disabled} onCheckedChange={(next) => onChange(next)} className={styles.box}>
        <Checkbox.Indicator className={styles.tick}><Check aria-hidden /></Checkbox.Indicator>
      </Checkbox.Root>
      <span className={styles.words}><bdi>{label}</bdi>{note && <small>{note}</small>}</span>
    </label>
  );
}
