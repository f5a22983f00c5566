import styles from "./Digits.module.css";

/** Six digits in two groups of three, to be read aloud. */
export function Digits({ value, label }: { value: string; label: string }) {
  return (
    <p className={styles.digits} role="group" aria-label={`${label}: ${[...value].join(" ")}`} data-digits={value}>
      <span aria-hidden>{value.slice(0, 3)}</span>
      <span aria-hidden>{value.slice(3)}</span>
    </p>
  );
}
