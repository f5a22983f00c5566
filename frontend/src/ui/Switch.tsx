import { Switch as Base } from "@base-ui/react/switch";
import { useId, type ReactNode } from "react";
import styles from "./Switch.module.css";

export function SwitchRow({ label, hint, checked, onChange, disabled }: {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <span id={id} className={styles.label}>{label}</span>
        {hint && <p id={`${id}-hint`} className={styles.hint}>{hint}</p>}
      </div>
      <Base.Root
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-labelledby={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className={styles.track}
      >
        <Base.Thumb className={styles.thumb} />
      </Base.Root>
    </div>
  );
}
