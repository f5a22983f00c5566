import { useMutation } from "@tanstack/react-query";
import { Handshake } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { useGo } from "../../lib/routes";
import { useApi, useMemberPicker } from "../../live";
import { Button, Dialog, ErrorNote, Field, IconButton, InfoNote, PeoplePicker, useSentence } from "../../ui";
import styles from "./circles.module.css";
import { HistoryRow } from "./HistoryRule";

export function NewCircle({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton className={styles.new} label={t("circles.new")} onClick={() => setOpen(true)}><Handshake /></IconButton>
      {open && <NewCircleDialog ws={ws} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Begins a circle with colleagues; partners come by a link, from its panel. */
function NewCircleDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const picker = useMemberPicker(ws);
  const go = useGo();
  const sentence = useSentence();
  const [name, setName] = useState("");
  const [historyFromJoining, setJoining] = useState(false);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const make = useMutation({
    mutationFn: () => api.circles.createCircle({ workspaceId: ws, name, personIds: [...picked], historyFromJoining }),
    onSuccess: (circle) => {
      onClose();
      go.conversation(ws, circle.id);
    },
  });
  const problem = make.error ? problemOf(make.error) : null;
  const ofName = problem?.code.startsWith("name_") ?? false;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!make.isPending) make.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} title={t("circles.newTitle")} description={t("circles.newText")}
      actions={(
        <>
          <Button kind="quiet" onClick={go.door}>{t("circles.haveLink")}</Button>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" form="new-circle" busy={make.isPending}>{t("action.create")}</Button>
        </>
      )}
    >
      <form id="new-circle" className={styles.form} onSubmit={submit}>
        <Field autoFocus label={t("circles.nameLabel")} value={name} onChange={(event) => setName(event.target.value)} error={problem && ofName ? sentence(problem) : undefined} />
        <PeoplePicker {...picker} picked={picked} onPicked={setPicked} />
        <HistoryRow before={false} checked={historyFromJoining} onChange={setJoining} />
        <InfoNote>{t("circles.newSeen")}</InfoNote>
        {problem && !ofName && <ErrorNote problem={problem} />}
      </form>
    </Dialog>
  );
}
