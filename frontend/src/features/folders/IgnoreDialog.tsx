import { useMutation } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { FolderRole, type Folder, type IgnoreResponse } from "../../api";
import { whole } from "../../lib/number";
import { useApi, useIgnore, useIgnorePreview } from "../../live";
import { Button, Dialog, ErrorNote, Waiting } from "../../ui";
import styles from "./dialogs.module.css";

const SETTLED_MS = 250;

/** The rules for what stays out, with what they hide while one writes them. */
export function IgnoreDialog({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error } = useIgnore(folder.id);
  return data ? <Editor folder={folder} first={data} onClose={onClose} /> : (
    <Dialog open onClose={onClose} size="lg" title={t("folders.ignore.title")}>{error ? <ErrorNote cause={error} /> : <Waiting />}</Dialog>
  );
}

function Editor({ folder, first, onClose }: { folder: Folder; first: IgnoreResponse; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const id = useId();
  const [begun] = useState(first);
  const [text, setText] = useState(first.text);
  const [settled, setSettled] = useState(first.text);
  const numbers = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const preview = useIgnorePreview(folder.id, settled);
  const shown = preview.data ?? begun;
  const save = useMutation({ mutationFn: () => api.folders.setIgnore({ folderId: folder.id, text }), onSuccess: (answer) => answer.badLines.length === 0 && onClose() });
  const bad = new Set(shown.badLines);
  const lines = text.split("\n");
  const writes = folder.role !== FolderRole.READ;
  const count = Number(shown.hiddenCount);
  return (
    <Dialog
      open onClose={onClose} size="lg" title={t("folders.ignore.title")} description={t("folders.ignore.text")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button>{writes && <Button kind="primary" busy={save.isPending} disabled={text === begun.text || bad.size > 0} onClick={() => save.mutate()}>{t("action.save")}</Button>}</>}
    >
      <div className={styles.ignore}>
        <div className={styles.editor} data-bad={bad.size > 0 ? "" : undefined}>
          <div ref={numbers} className={styles.numbers} aria-hidden>{lines.map((_, index) => <span key={index} data-bad={bad.has(index + 1) ? "" : undefined}>{index + 1}</span>)}</div>
          <textarea
            autoFocus spellCheck={false} autoComplete="off" wrap="off" dir="ltr" rows={12} value={text} readOnly={!writes} aria-label={t("folders.ignore.label")} aria-describedby={`${id}-said`} aria-invalid={bad.size > 0 || undefined}
            onChange={(event) => setText(event.target.value)} onScroll={(event) => numbers.current?.scrollTo({ top: event.currentTarget.scrollTop })}
          />
        </div>
        <div className={styles.hides}>
          <p id={`${id}-said`} role="status" className={bad.size > 0 ? styles.error : undefined}>
            {bad.size > 0 ? t("folders.ignore.bad", { count: bad.size, lines: [...bad].join(i18n.language === "zh" ? "、" : ", ") })
              : count === 0 ? t("folders.ignore.hidesNone") : t("folders.ignore.hides", { count, n: whole(count, i18n.language) })}
          </p>
          <ul tabIndex={0} aria-label={t("folders.ignore.hidden")}>
            {shown.hidden.map((hidden) => <li key={hidden.path}><bdi>{hidden.path}</bdi><small>{t("folders.ignore.line", { line: hidden.line })}</small></li>)}
            {count > shown.hidden.length && <li><small>{t("folders.ignore.more", { count: count - shown.hidden.length, n: whole(count - shown.hidden.length, i18n.language) })}</small></li>}
          </ul>
        </div>
      </div>
      {(save.error ?? preview.error) && <ErrorNote cause={save.error ?? preview.error} />}
      <p className={styles.quiet}>{t("folders.ignore.help")}</p>
    </Dialog>
  );
}
