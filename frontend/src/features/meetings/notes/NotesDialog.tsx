import { useTranslation } from "react-i18next";
import type { PastCall } from "../../../api";
import { full } from "../../../lib/time";
import { useNotes, useRuntime } from "../../../live";
import { CopyButton, Dialog, ErrorNote, Waiting } from "../../../ui";
import { NoteList } from "./NoteList";
import styles from "./notes.module.css";
import { notesText } from "./text";

/** What was written down in a meeting that is over. */
export function NotesDialog({ past, name, onClose }: { past: PastCall; name: string; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  const { data, error, refetch } = useNotes(past.conversationId, past.id);
  const when = full(Number(past.startedUnixMs), i18n.language);
  return (
    <Dialog
      open onClose={onClose} title={t("meetings.notes.of", { name })} description={when}
      actions={data && data.length > 0 ? <CopyButton primary text={notesText(name, when, data)} copy={runtime.copyText} label={t("meetings.notes.copy")} /> : undefined}
    >
      {error && !data ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Waiting />}
      {data && <div className={styles.past}><NoteList notes={data} label={t("meetings.notes.title")} /></div>}
    </Dialog>
  );
}
