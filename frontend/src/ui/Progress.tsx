import styles from "./Progress.module.css";

/** How far something is. Whoever uses it says the same in words beside it. */
export function Progress({ label, done, total }: { label: string; done: bigint; total: bigint }) {
  // What is not whole yet never reads 100 %.
  const percent = total > 0n ? Math.min(done < total ? 99 : 100, Number((done * 100n) / total)) : 0;
  return <span className={styles.bar} role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}><i style={{ inlineSize: `${percent}%` }} /></span>;
}
