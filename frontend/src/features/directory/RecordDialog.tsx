import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Card, Department } from "../../api";
import { useApi } from "../../live";
import { Button, CheckRow, Dialog, ErrorNote, Field, InfoNote } from "../../ui";
import styles from "./card.module.css";
import { ManagerField } from "./ManagerField";
import { PostsField } from "./PostsField";
import { changesOf, draftOf, HIDEABLE, type Hideable, type RecordDraft } from "./recordDraft";
import { SeenBy } from "./SeenBy";

/** What the office says about somebody: a new record, or changes of one. Only what was changed is sent. */
export function RecordDialog({ ws, card, department, canHide, onClose, onMade }: {
  ws: string; card?: Card; department?: Department | undefined; canHide: boolean; onClose: () => void; onMade: (key: string) => void;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const [before] = useState(() => draftOf(card, department ? [{ departmentId: department.id, department: department.name, title: "", lead: false }] : []));
  const [draft, setDraft] = useState(before);
  const record = card?.recordId ?? "";
  const fresh = record === "";
  const save = useMutation({
    mutationFn: () => api.directory.saveRecord({ workspaceId: ws, id: record, personId: fresh ? (card?.personId ?? "") : "", ...changesOf(before, draft, fresh) }),
    onSuccess: (saved) => {
      onClose();
      onMade(saved.key);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  const set = (part: Partial<RecordDraft>) => setDraft((now) => ({ ...now, ...part }));
  const type = (field: Hideable, text: string) => setDraft((now) => ({ ...now, texts: { ...now.texts, [field]: text } }));
  const shut = (field: Hideable) => card?.hidden.some((veil) => veil.field === field && !veil.open) ?? false;
  const seenBy = (field: Hideable) => canHide && <SeenBy field={field} level={draft.levels[field]} onLevel={(level) => setDraft((now) => ({ ...now, levels: { ...now.levels, [field]: level } }))} />;
  const line = (field: Hideable, label: string) => (
    <div className={styles.veiled}>
      <Field label={label} value={draft.texts[field]} disabled={shut(field)} hint={shut(field) && t(draft.levels[field] === "leads" ? "directory.onlyLeads" : "directory.onlyAdministrators")} onChange={(event) => type(field, event.target.value)} />
      {!shut(field) && seenBy(field)}
    </div>
  );
  return (
    <Dialog
      open onClose={onClose} size="lg" title={fresh ? t("directory.addRecord") : t("directory.editRecord")} description={t("directory.recordText")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="record" busy={save.isPending}>{t("action.save")}</Button></>}
    >
      <form id="record" className={styles.form} onSubmit={submit}>
        <div className={styles.pair}>
          <Field label={t("directory.name")} value={draft.name} autoFocus onChange={(event) => set({ name: event.target.value })} />
          <Field label={t("directory.number")} value={draft.number} onChange={(event) => set({ number: event.target.value })} />
        </div>
        <PostsField ws={ws} posts={draft.posts} onPosts={(posts) => set({ posts })} />
        <div className={styles.pair}>
          {line("phones", t("directory.phones"))}
          {line("email", t("directory.email"))}
        </div>
        <div className={styles.pair}>
          {line("place", t("directory.place"))}
          <ManagerField ws={ws} value={draft.manager} without={record} onChange={(manager) => set({ manager })} />
        </div>
        <div className={styles.veiled}>
          <label className={styles.area}><span>{t("directory.note")}</span><textarea rows={2} dir="auto" disabled={shut("note")} value={draft.texts.note} onChange={(event) => type("note", event.target.value)} /></label>
          {!shut("note") && seenBy("note")}
        </div>
        {HIDEABLE.some((field) => draft.levels[field] === "leads") && <InfoNote>{t("directory.leadsText")}</InfoNote>}
        {HIDEABLE.some((field) => before.levels[field] === "everybody" && draft.levels[field] !== "everybody" && before.texts[field] !== "") && <InfoNote tone="warn">{t("directory.wasOpen")}</InfoNote>}
        {card?.canSeePrivate !== false && !fresh && (
          <label className={styles.area}><span>{t("directory.private")}</span><textarea rows={2} dir="auto" value={draft.secret} onChange={(event) => set({ secret: event.target.value })} /><small>{t("directory.privateText")}</small></label>
        )}
        {!fresh && <CheckRow label={t("directory.hasLeft")} note={t("directory.hasLeftNote")} checked={draft.left} onChange={(left) => set({ left })} />}
        <InfoNote>{t("directory.everybodyReads")}</InfoNote>
        {save.error && <ErrorNote cause={save.error} />}
      </form>
    </Dialog>
  );
}
