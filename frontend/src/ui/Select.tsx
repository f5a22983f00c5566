import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import styles from "./Menu.module.css";
import { usePortalRoot } from "./Night";

export interface Option<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly note?: string;
}

interface SelectProps<V extends string> {
  label: string;
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  disabled?: boolean;
}

export function Select<V extends string>({ label, value, options, onChange, disabled }: SelectProps<V>) {
  const items = options.map((option) => ({ value: option.value, label: option.label }));
  return (
    <Base.Root items={items} value={value} onValueChange={(next) => next !== null && onChange(next as V)} disabled={disabled}>
      <Base.Trigger className={styles.trigger} aria-label={label}>
        <Base.Value />
        <Base.Icon><ChevronDown aria-hidden /></Base.Icon>
      </Base.Trigger>
      <Base.Portal container={usePortalRoot()}>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} align="end" className={styles.positioner}>
          <Base.Popup className={styles.popup}>
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className={styles.item}>
                <span className={styles.check}><Base.ItemIndicator><Check aria-hidden /></Base.ItemIndicator></span>
                <span className={styles.words}>
                  <Base.ItemText>{option.label}</Base.ItemText>
                  {option.note && <span className={styles.note}>{option.note}</span>}
                </span>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
