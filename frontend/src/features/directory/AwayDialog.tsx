import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Away } from "../../api";
import { useApi } from "../../live";
import { Button, Dialog, ErrorNote, Field, Select } from "../../ui";
import { AWAY_KINDS, today, type AwayKind } from "./away";
import styles from "./card.module.css";

export function AwayDialog({ ws, away, onClose }: { ws: string; away: Away | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [kind, setKind] = useState<AwayKind>(AWAY_KINDS.find((known) => known === away?.kind) ?? "vacation");
  const [from, setFrom] = useState(away?.fromDay ?? today());
  const [to, setTo] = useState(away?.toDay ?? today());
  const [note, setNote] = useState(away?.note ?? "");
  const save = useMutation({
    mutationFn: (next: { kind: string; fromDay: string; toDay: string; note: string }) => api.directory.setAway({ workspaceId: ws, away: next }),
    onSuccess: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ kind, fromDay: from, toDay: to, note });
  };
  return (
    <Dialog
      open onClose={onClose} title={t("directory.setAway")} description={t("directory.awayText")}
      actions={(
        <>
          {away && <Button busy={save.isPending} onClick={() => save.mutate({ kind: "", fromDay: "", toDay: "", note: "" })}>{t("directory.awayEnd")}</Button>}
          <Button kind="primary" type="submit" form="away" busy={save.isPending} disabled={from === "" || to < from}>{t("action.save")}</Button>
        </>
      )}
    >
      <form id="away" className={styles.form} onSubmit={submit}>
        <Select label={t("directory.awayKind")} value={kind} onChange={setKind} options={AWAY_KINDS.map((value) => ({ value, label: t(`directory.away.${value}`) }))} />
        <div className={styles.pair}>
          <Field type="date" label={t("directory.awayFirst")} value={from} onChange={(event) => setFrom(event.target.value)} />
          <Field type="date" label={t("directory.awayLast")} value={to} min={from} onChange={(event) => setTo(event.target.value)} />
        </div>
        <Field label={t("directory.note")} value={note} placeholder={t("directory.awayNoteHint")} onChange={(event) => setNote(event.target.value)} />
        {save.error && <ErrorNote cause={save.error} />}
      </form>
    </Dialog>
  );
}
