import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation, type Folder } from "../../api";
import { baseName, formatFolderLink } from "../../lib/folderLink";
import { match } from "../../lib/match";
import { nonce } from "../../lib/nonce";
import { useGo } from "../../lib/routes";
import { useApi, useConversations, useFoundMembers, useRuntime } from "../../live";
import { Avatar, Button, CopyButton, Dialog, ErrorNote, Field, Highlight } from "../../ui";
import styles from "./dialogs.module.css";

/** So many of each are shown; who looks for another one types. */
const MOST = 50;

const conversationName = ({ kind, name }: Conversation, t: TFunction) => (kind === ConversationKind.EVERYONE ? t("messages.everyone") : name);

/** A conversation, or somebody to begin one with. */
interface Talk {
  readonly key: string;
  readonly name: string;
  readonly tint: string;
  readonly open: () => Promise<string>;
}

/** Puts a link to a folder or a file into a conversation. */
export function SendDialog({ ws, folder, path, isFolder, onClose }: { ws: string; folder: Folder; path: string; isFolder: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const runtime = useRuntime();
  const conversations = useConversations(ws).data;
  const [query, setQuery] = useState("");
  const { members } = useFoundMembers(ws, query);
  const [to, setTo] = useState<Talk | null>(null);
  const [text, setText] = useState("");
  // A retry carries the same nonce, so that it never arrives twice.
  const [once] = useState(nonce);
  const link = formatFolderLink({ folder: folder.id, path, isFolder });
  const talks = useMemo<Talk[]>(() => {
    const all = conversations ?? [];
    const known = new Set(all.filter((one) => one.kind === ConversationKind.DIRECT).map((one) => one.personId));
    return [
      ...all.filter((one) => one.canWrite && match(conversationName(one, t), query)).slice(0, MOST).map((one) => ({
        key: one.id, name: conversationName(one, t), tint: one.kind === ConversationKind.DIRECT ? one.personId : one.id, open: async () => one.id,
      })),
      ...members.filter((one) => !known.has(one.personId)).slice(0, MOST).map((one) => ({
        key: one.personId, name: one.name, tint: one.personId, open: async () => (await api.chat.openDirect({ workspaceId: ws, personId: one.personId })).id,
      })),
    ];
  }, [conversations, members, api, ws, t, query]);
  const send = useMutation({
    mutationFn: async (talk: Talk) => {
      const conversationId = await talk.open();
      await api.chat.send({ conversationId, text: text.trim() === "" ? link : `${text.trim()}\n${link}`, nonce: once, uploadIds: [] });
      return conversationId;
    },
    onSuccess: (conversation) => {
      onClose();
      go.conversation(ws, conversation);
    },
  });
  return (
    <Dialog
      open onClose={onClose} title={t("folders.send.title", { name: path === "" ? folder.name : baseName(path) })} description={t("folders.send.text")}
      actions={<><CopyButton text={link} copy={runtime.copyText} label={t("folders.send.copy")} /><Button kind="primary" busy={send.isPending} disabled={!to} onClick={() => to && send.mutate(to)}>{t("action.send")}</Button></>}
    >
      <div className={styles.form}>
        <Field bare autoFocus label={t("folders.send.find")} placeholder={t("folders.send.find")} value={query} onChange={(event) => setQuery(event.target.value)} />
        <div role="radiogroup" aria-label={t("folders.send.to")} className={styles.talks}>
          {talks.map((talk) => (
            <label key={talk.key} className={styles.version}>
              <input type="radio" name="conversation" checked={talk.key === to?.key} onChange={() => setTo(talk)} />
              <Avatar id={talk.tint} name={talk.name} size="xs" />
              <span><Highlight text={talk.name} query={query} /></span>
            </label>
          ))}
          {talks.length === 0 && <p className={styles.quiet}>{t("search.none", { query })}</p>}
        </div>
        <Field label={t("folders.send.words")} value={text} onChange={(event) => setText(event.target.value)} />
        {send.error && <ErrorNote cause={send.error} />}
      </div>
    </Dialog>
  );
}
