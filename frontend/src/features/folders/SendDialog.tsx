import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation, type Folder } from "../../api";
import { baseName, formatFolderLink } from "../../lib/folderLink";
import { match } from "../../lib/match";
import { nonce } from "../../lib/nonce";
import { useGo } from "../../lib/routes";
import { useApi, useConversations, useRuntime } from "../../live";
import { Avatar, Button, CopyButton, Dialog, ErrorNote, Field, Highlight } from "../../ui";
import styles from "./dialogs.module.css";

/** Puts a link to a folder or a file into a conversation. */
export function SendDialog({ ws, folder, path, isFolder, onClose }: { ws: string; folder: Folder; path: string; isFolder: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const runtime = useRuntime();
  const conversations = useConversations(ws).data;
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState("");
  const [text, setText] = useState("");
  // A retry carries the same nonce, so that it never arrives twice.
  const [once] = useState(nonce);
  const link = formatFolderLink({ folder: folder.id, path, isFolder });
  const nameOf = (conversation: Conversation) => (conversation.kind === ConversationKind.EVERYONE ? t("messages.everyone") : conversation.name);
  const shown = useMemo(() => (conversations ?? []).filter((conversation) => conversation.canWrite && match(nameOf(conversation), query)), [conversations, query, t]); // eslint-disable-line react-hooks/exhaustive-deps
  const send = useMutation({
    mutationFn: () => api.chat.send({ conversationId: chosen, text: text.trim() === "" ? link : `${text.trim()}\n${link}`, nonce: once, uploadIds: [] }),
    onSuccess: () => {
      onClose();
      go.conversation(ws, chosen);
    },
  });
  return (
    <Dialog
      open onClose={onClose} title={t("folders.send.title", { name: path === "" ? folder.name : baseName(path) })} description={t("folders.send.text")}
      actions={<><CopyButton text={link} copy={runtime.copyText} label={t("folders.send.copy")} /><Button kind="primary" busy={send.isPending} disabled={chosen === ""} onClick={() => send.mutate()}>{t("action.send")}</Button></>}
    >
      <div className={styles.form}>
        <Field bare autoFocus label={t("folders.send.find")} placeholder={t("folders.send.find")} value={query} onChange={(event) => setQuery(event.target.value)} />
        <div role="radiogroup" aria-label={t("folders.send.to")} className={styles.talks}>
          {shown.map((conversation) => (
            <label key={conversation.id} className={styles.version}>
              <input type="radio" name="conversation" checked={conversation.id === chosen} onChange={() => setChosen(conversation.id)} />
              <Avatar id={conversation.kind === ConversationKind.DIRECT ? conversation.personId : conversation.id} name={nameOf(conversation)} size="xs" />
              <span><Highlight text={nameOf(conversation)} query={query} /></span>
            </label>
          ))}
          {shown.length === 0 && <p className={styles.quiet}>{t("search.none", { query })}</p>}
        </div>
        <Field label={t("folders.send.words")} value={text} onChange={(event) => setText(event.target.value)} />
        {send.error && <ErrorNote cause={send.error} />}
      </div>
    </Dialog>
  );
}
