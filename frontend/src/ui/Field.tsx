import { useId, type ComponentPropsWithRef, type ReactNode } from "react";
import { cx } from "./cx";
import styles from "./Field.module.css";

interface FieldProps extends Omit<ComponentPropsWithRef<"input">, "size"> {
  label: string;
  hint?: ReactNode;
  error?: ReactNode;
  large?: boolean;
  /** The label is for screen readers only, since the text around says it. */
  bare?: boolean;
}

export function Field({ label, hint, error, large, bare, className, id, ...rest }: FieldProps) {
  const own = useId();
  const inputID = id ?? own;
  const note = error ?? hint;
  return (
    <div className={cx(styles.field, className)}>
      <label htmlFor={inputID} className={bare ? styles.hidden : styles.label}>{label}</label>
      <input
        dir="auto"
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={inputID}
        className={cx(styles.input, large && styles.large)}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${inputID}-note` : undefined}
      />
      {note && <p id={`${inputID}-note`} role={error ? "alert" : undefined} className={error ? styles.error : styles.hint}>{note}</p>}
    </div>
  );
}

export function Hidden({ children }: { children: ReactNode }) {
  return <span className={styles.hidden}>{children}</span>;
}
