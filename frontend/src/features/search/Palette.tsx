import { Dialog as Base } from "@base-ui/react/dialog";
import { useMutation } from "@tanstack/react-query";
import { Building2, Command, Folder, Search } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../../api";
import { ImeGuard } from "../../lib/ime";
import { touch } from "../../lib/near";
import { useGo } from "../../lib/routes";
import { useApi, useConversations, useFolders, usePictureOf, usePresence, useWorkspaces } from "../../live";
import { Avatar, cx, ErrorNote, ExternalTag, FileIcon, Highlight } from "../../ui";
import { foundEntries, type Deeds } from "./found";
import { conversationEntries, findEntries, folderEntries, recentEntries, type Entry } from "./local";
import { Marked } from "./Marked";
import styles from "./palette.module.css";
import { useCommands } from "./useCommands";
import { useFound } from "./useFound";
import { useNamed } from "./useNamed";

/** Everything by its name, from anywhere, by keyboard alone. */
export function Palette({ ws, onClose, onShortcuts }: { ws: string; onClose: () => void; onShortcuts: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const presence = usePresence();
  const conversations = useConversations(ws).data;
  const folders = useFolders(ws).data;
  const workspaces = useWorkspaces().data;
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  // Enter before the answer is there waits for it: what stands first now answers to something else.
  const [pressed, setPressed] = useState(false);
  const listID = useId();
  const list = useRef<HTMLDivElement>(null);
  const [ime] = useState(() => new ImeGuard());
  const answer = useFound(ws, query);
  const { data, error } = answer;
  const named = useNamed(conversations, t("messages.everyone"), query);
  const isFresh = answer.isFresh && named.isFresh;
  const openDirect = useMutation({
    mutationFn: (personId: string) => api.chat.openDirect({ workspaceId: ws, personId }),
    onSuccess: (conversation) => {
      onClose();
      go.conversation(ws, conversation.id);
    },
  });
  const commands = useCommands(ws, onClose, onShortcuts);

  const closing = <A extends unknown[]>(run: (...args: A) => void) => (...args: A) => {
    onClose();
    run(...args);
  };
  const toConversation = closing((id: string) => go.conversation(ws, id));
  const deeds: Deeds = {
    person: (personID, key, isMe) => {
      touch(ws, key);
      if (personID === "" || isMe) closing(() => go.person(ws, personID === "" ? key : personID))();
      else openDirect.mutate(personID);
    },
    conversation: toConversation,
    message: closing((conversation: string, id: string) => go.message(ws, conversation, id)),
    entry: closing((folder: string, path: string) => go.folder(ws, folder, { path: path.split("/").slice(0, -1).join("/"), entry: path.split("/").at(-1)! })),
  };
  const local: Entry[] = [
    ...folderEntries(folders ?? [], closing((id: string) => go.folder(ws, id))),
    ...(workspaces ?? []).filter((workspace) => workspace.id !== ws).map((workspace): Entry => ({
      key: `w:${workspace.id}`, group: "workspaces", id: workspace.id, name: workspace.name, note: "", run: closing(() => go.messages(workspace.id)),
    })),
    ...commands,
  ];
  const near = query.trim() === ""
    ? [...recentEntries(conversations ?? [], t("messages.everyone"), toConversation), ...commands]
    : [...conversationEntries(named.best, t("messages.everyone"), toConversation), ...findEntries(local, query)];
  const found = useMemo(() => new Set((data?.conversations ?? []).map((one) => `c:${one.conversationId}`)), [data]);
  const text = query.trim();
  const further: Entry[] = text === "" ? [] : [{ key: "further", group: "commands", id: "further", name: t("search.further", { query: text }), note: "", marks: [], run: closing(() => go.search(ws, { text, at: Date.now() })) }];
  const rows = ordered([...(data ? foundEntries(data, t, deeds) : []), ...near.filter((entry) => !found.has(entry.key)), ...further]);
  const chosen = rows[Math.min(active, rows.length - 1)];

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen?.key]);
  useEffect(() => {
    if (!pressed || !isFresh) return;
    setPressed(false);
    chosen?.run();
  }, [pressed, isFresh, chosen]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (ime.owns(event.nativeEvent)) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && rows.length > 0) {
      event.preventDefault();
      setActive((now) => (Math.min(now, rows.length - 1) + step + rows.length) % rows.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      setPressed(true);
    }
  };
  const byID = useMemo(() => new Map(conversations?.map((one) => [one.id, one])), [conversations]);
  const conversationOf = (entry: Entry) => entry.group === "conversations" ? byID.get(entry.id) : undefined;
  const optionID = (entry: Entry) => `${listID}-${entry.key}`;

  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.veil} />
        <Base.Popup className={styles.popup}>
          <Base.Title className={styles.hidden}>{t("search.title")}</Base.Title>
          <div className={styles.input}>
            <Search aria-hidden />
            <input
              autoFocus role="combobox" aria-expanded aria-controls={listID} aria-activedescendant={chosen ? optionID(chosen) : undefined}
              aria-label={t("search.open")} placeholder={t("search.placeholder")} value={query} spellCheck={false} autoComplete="off" maxLength={200}
              onChange={(event) => {
                setQuery(event.target.value);
                setActive(0);
                setPressed(false);
              }}
              onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)} onKeyUp={() => ime.keyUp()}
              onKeyDown={onKeyDown}
            />
          </div>
          {(openDirect.error ?? error) && <div className={styles.problem}><ErrorNote cause={openDirect.error ?? error} /></div>}
          <div ref={list} id={listID} role="listbox" aria-label={t("search.results")} className={styles.list}>
            {rows.map((entry, index) => (
              <div key={entry.key} role="presentation">
                {entry.group !== rows[index - 1]?.group && <div role="presentation" className={styles.group}>{t(`search.${entry.group}`)}</div>}
                <div
                  id={optionID(entry)} role="option" aria-selected={entry === chosen} className={cx(styles.option, entry === chosen && styles.active)}
                  onMouseMove={() => setActive(index)} onClick={entry.run}
                >
                  <Sign entry={entry} online={presence.people.has(entry.id)} conversation={conversationOf(entry)} />
                  <span className={styles.name}>{entry.marks ? <Marked text={entry.name} marks={entry.marks} /> : <Highlight text={entry.name} query={query} />}</span>
                  {(conversationOf(entry)?.externalCount ?? 0) > 0 && <ExternalTag brief />}
                  {entry.note && <small>{entry.external && <><ExternalTag brief /> </>}<Highlight text={entry.note} query={entry.group === "messages" ? "" : query} /></small>}
                </div>
              </div>
            ))}
          </div>
          {rows.length <= further.length && isFresh && <p className={styles.none} role="status">{t("search.none", { query: text })}</p>}
          {(data?.indexing ?? false) && <p className={styles.note} role="status">{t("search.indexing")}</p>}
          {(data?.filesUnfinished ?? false) && <p className={styles.note} role="status">{t("search.unfinished")}</p>}
          <p className={styles.hint} aria-hidden>{t("search.hint")}</p>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

function Sign({ entry, online, conversation }: { entry: Entry; online: boolean; conversation: Conversation | undefined }) {
  const picture = usePictureOf(conversation);
  if (entry.group === "commands") return <span className={styles.icon}><Command aria-hidden /></span>;
  if (entry.group === "folders") return <span className={styles.icon}><Folder aria-hidden /></span>;
  if (entry.group === "workspaces") return <span className={styles.icon}><Building2 aria-hidden /></span>;
  if (entry.group === "files") return <span className={styles.icon}><FileIcon name={entry.name} /></span>;
  return <Avatar id={entry.id} name={entry.face ?? entry.name} size="xs" online={online} picture={picture} />;
}

const GROUPS = ["people", "conversations", "messages", "files", "folders", "workspaces", "commands"] as const;

function ordered(entries: readonly Entry[]): Entry[] {
  return GROUPS.flatMap((group) => entries.filter((entry) => entry.group === group));
}
