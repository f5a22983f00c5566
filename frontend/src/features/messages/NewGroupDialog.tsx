import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Conversation } from "../../api";
import { useGo } from "../../lib/routes";
import { useApi, useMemberPicker } from "../../live";
import { Button, Choices, Dialog, ErrorNote, Field, PeoplePicker, useSentence } from "../../ui";
import { HistoryRow, historyWords } from "./HistoryRule";
import styles from "./panels.module.css";

/** Only who manages the group writes, adds people and changes what it is called. */
const ANNOUNCEMENT = { managersPost: true, managersAdd: true, managersDescribe: true, managersPin: true };

export function NewGroupDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const picker = useMemberPicker(ws);
  const go = useGo();
  const sentence = useSentence();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"group" | "announcement">("group");
  const [historyFromJoining, setJoining] = useState(false);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const make = useMutation({
    mutationFn: () => api.chat.createGroup({ workspaceId: ws, name, personIds: [...picked], historyFromJoining, ...(kind === "announcement" && { rules: ANNOUNCEMENT }) }),
    onSuccess: (conversation) => {
      onClose();
      go.conversation(ws, conversation.id);
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
      open onClose={onClose} title={t("group.title")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="new-group" busy={make.isPending} disabled={picked.size === 0}>{t("action.create")}</Button></>}
    >
      <form id="new-group" className={styles.form} onSubmit={submit}>
        <Field autoFocus label={t("group.nameLabel")} value={name} onChange={(event) => setName(event.target.value)} error={problem && ofName ? sentence(problem) : undefined} />
        <Choices
          label={t("group.kind")} value={kind} onChange={setKind}
          options={[{ value: "group", label: t("group.kindGroup"), note: t("group.kindGroupHint") }, { value: "announcement", label: t("group.kindAnnouncement"), note: t("group.kindAnnouncementHint") }]}
        />
        <PeoplePicker {...picker} picked={picked} onPicked={setPicked} />
        <HistoryRow before={false} checked={historyFromJoining} onChange={setJoining} />
        {problem && !ofName && <ErrorNote problem={problem} />}
      </form>
    </Dialog>
  );
}

export function AddPeopleDialog({ ws, conversation, onClose }: { ws: string; conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const picker = useMemberPicker(ws, { withoutSpace: conversation.id });
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const add = useMutation({
    mutationFn: () => api.chat.addToGroup({ conversationId: conversation.id, personIds: [...picked] }),
    onSuccess: onClose,
  });
  return (
    <Dialog
      open onClose={onClose} title={t("group.addTitle", { name: conversation.name })} description={historyWords(conversation, t)}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" busy={add.isPending} disabled={picked.size === 0} onClick={() => add.mutate()}>{t("action.add")}</Button></>}
    >
      <div className={styles.form}>
        <PeoplePicker {...picker} picked={picked} onPicked={setPicked} />
        {add.error && <ErrorNote cause={add.error} />}
      </div>
    </Dialog>
  );
}
