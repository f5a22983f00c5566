import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "../../../api";
import { full, within } from "../../../lib/time";
import styles from "./notes.module.css";

/** Notes in their order, each with the time within the meeting and who wrote it. */
export function NoteList({ notes, label, follow }: {
  notes: readonly Message[];
  label: string;
  /** Stays with the newest one. */
  follow?: boolean;
}) {
  const { t, i18n } = useTranslation();
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (follow) end.current?.scrollIntoView({ block: "nearest" });
  }, [follow, notes.length]);
  return (
    <ol className={styles.list} aria-label={label} tabIndex={0}>
      {notes.map((one, index) => (
        <li key={one.id} ref={index === notes.length - 1 ? end : undefined} className={styles.note}>
          <time title={full(Number(one.sentUnixMs), i18n.language)}>{within(Number(one.note?.atMs ?? 0n))}</time>
          <div>
            <b><bdi>{one.isMine ? t("messages.me") : one.personName}</bdi></b>
            <p dir="auto">{one.text}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}
