import type { ReactNode } from "react";
import { Mark } from "../../ui";
import styles from "./onboarding.module.css";

/** The quiet page of the first minutes: the mark, one question, nothing else. */
export function Stage({ title, lead, children, wide }: { title: string; lead?: ReactNode; children?: ReactNode; wide?: boolean }) {
  return (
    <main className={styles.stage}>
      <div className={wide ? styles.wide : styles.narrow}>
        <div className={styles.mark}><Mark size={56} /></div>
        <h1 className={styles.title}>{title}</h1>
        {lead && <p className={styles.lead}>{lead}</p>}
        {children}
      </div>
    </main>
  );
}
