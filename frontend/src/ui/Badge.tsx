import styles from "./Badge.module.css";
import { cx } from "./cx";

export function CountBadge({ count, label, className, quiet }: {
  count: number;
  label: string;
  className?: string;
  /** Counted, and nothing that calls for anybody. */
  quiet?: boolean;
}) {
  if (count <= 0) return null;
  return <span className={cx(styles.count, quiet && styles.quiet, className)}><span aria-hidden>{count > 99 ? "99+" : count}</span><span className={styles.words}>{label}</span></span>;
}

export function Tag({ children }: { children: string }) {
  return <span className={styles.tag}>{children}</span>;
}

export function Kbd({ children }: { children: string }) {
  return <kbd className={styles.kbd}>{children}</kbd>;
}
