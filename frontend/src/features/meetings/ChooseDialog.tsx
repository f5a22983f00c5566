import { Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { matchAny } from "../../lib/match";
import { useGo } from "../../lib/routes";
import { useConversations } from "../../live";
import { Avatar, Dialog, Highlight } from "../../ui";
import styles from "./dialogs.module.css";
import { conversationName, useCallNames } from "./words";

/** With whom a meeting begins. */
export function ChooseDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  return (
    <Dialog open onClose={onClose} title={t("meetings.choose.title")} description={t("meetings.choose.text")}>
      <ConversationChoice
        ws={ws} chosen=""
        onChoose={(conversation) => {
          onClose();
          go.newMeeting(ws, { conversation, video: true });
        }}
      />
    </Dialog>
  );
}

export function ConversationChoice({ ws, chosen, onChoose }: { ws: string; chosen: string; onChoose: (conversation: string) => void }) {
  const { t } = useTranslation();
  const names = useCallNames(ws);
  const [query, setQuery] = useState("");
  const all = (useConversations(ws).data ?? []).filter((one) => one.canWrite);
  const shown = all.map((one) => ({ one, name: conversationName(one, t) })).filter(({ name }) => query.trim() === "" || matchAny([name], query));
  return (
    <div className={styles.choice}>
      <label className={styles.search}>
        <Search aria-hidden />
        <input type="search" value={query} aria-label={t("meetings.choose.find")} placeholder={t("meetings.choose.find")} spellCheck={false} autoComplete="off" onChange={(event) => setQuery(event.target.value)} />
      </label>
      <ul className={styles.list} aria-label={t("messages.list")}>
        {shown.map(({ one, name }) => (
          <li key={one.id}>
            <button type="button" className={styles.option} aria-pressed={chosen === "" ? undefined : chosen === one.id} onClick={() => onChoose(one.id)}>
              <Avatar id={names.face(one.id)} name={name} size="xs" />
              <span><Highlight text={name} query={query} /></span>
              {!names.isDirect(one.id) && <small>{t("messages.members", { count: one.memberCount })}</small>}
            </button>
          </li>
        ))}
        {shown.length === 0 && <li className={styles.none}>{t("search.none", { query })}</li>}
      </ul>
    </div>
  );
}
