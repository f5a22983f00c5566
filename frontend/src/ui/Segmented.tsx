import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { Option } from "./Select";
import styles from "./Segmented.module.css";

/** A choice among few, all visible. */
export function Segmented<V extends string>({ label, value, options, onChange }: {
  label: string;
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
}) {
  return (
    <RadioGroup aria-label={label} value={value} onValueChange={(next) => onChange(next as V)} className={styles.group}>
      {options.map((option) => (
        <label key={option.value} className={styles.choice}>
          <Radio.Root value={option.value} className={styles.radio} />
          {option.label}
        </label>
      ))}
    </RadioGroup>
  );
}

/** Choices with a sentence each. */
export function Choices<V extends string>({ label, value, options, onChange }: {
  label: string;
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
}) {
  return (
    <RadioGroup aria-label={label} value={value} onValueChange={(next) => onChange(next as V)} className={styles.choices}>
      {options.map((option) => (
        <label key={option.value} className={styles.card}>
          <Radio.Root value={option.value} className={styles.knob}><Radio.Indicator className={styles.dot} /></Radio.Root>
          <span className={styles.words}>
            <span>{option.label}</span>
            {option.note && <span className={styles.note}>{option.note}</span>}
          </span>
        </label>
      ))}
    </RadioGroup>
  );
}
