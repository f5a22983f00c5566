import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { createContext, use, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, problemOf, type Conversation } from "../../api";
import { full } from "../../lib/time";
import { useApi } from "../../live";
import { Button, Dialog, ErrorNote, InfoNote, SwitchRow } from "../../ui";
import styles from "./circles.module.css";
import { useCalled } from "./External";

/** Whether what was written before we came into the conversation is not for us. */
export const LimitedContext = createContext(false);
export const useLimited = () => use(LimitedContext);

/** What newcomers see, in one sentence. */
export const historyWords = (conversation: Conversation, t: TFunction) => t(conversation.history?.fromJoining ? "history.switch" : "messages.historyForAll");

/** The switch, and what it means either way; what it means to switch back is said before one does. */
export function HistoryRow({ before, checked, onChange }: { before: boolean; checked: boolean; onChange: (checked: boolean) => void }) {
  const { t } = useTranslation();
  return <SwitchRow label={t("history.switch")} hint={t(checked ? "history.on" : before ? "history.back" : "history.off")} checked={checked} onChange={onChange} />;
}

/** The switch where nothing else is set with it: in a circle. */
export function HistoryDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const client = useQueryClient();
  const before = conversation.history?.fromJoining ?? false;
  const [fromJoining, setFromJoining] = useState(before);
  const save = useMutation({ mutationFn: () => api.conversations.setHistory({ conversationId: conversation.id, fromJoining }), onSuccess: () => client.invalidateQueries({ queryKey: ["chat"] }).then(onClose) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} title={t("history.title")} size="sm"
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="history" busy={save.isPending}>{t("action.save")}</Button></>}
    >
      <form id="history" className={styles.form} onSubmit={submit}>
        <HistoryRow before={before} checked={fromJoining} onChange={setFromJoining} />
        {conversation.kind === ConversationKind.CIRCLE && <InfoNote>{t("circles.historyToo")}</InfoNote>}
        {save.error && <ErrorNote problem={problemOf(save.error)} />}
      </form>
    </Dialog>
  );
}

/** Above the first message: what is not here, or who said what newcomers see. */
export function HistoryNote({ conversation }: { conversation: Conversation }) {
  const { t, i18n } = useTranslation();
  const called = useCalled();
  const { history } = conversation;
  if (!history?.fromJoining) return null;
  if (history.isLimited) return <p>{t("history.limited", { date: full(Number(history.joinedUnixMs), i18n.language) })}</p>;
  return <p>{t("history.setBy", { name: called(history.setById, history.setByName), date: full(Number(history.setUnixMs), i18n.language) })}</p>;
}
