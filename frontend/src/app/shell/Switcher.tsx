import { Dialog as Base } from "@base-ui/react/dialog";
import { useMutation } from "@tanstack/react-query";
import { Building2, Command, Folder, Search } from "lucide-react";
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { ImeGuard } from "../../lib/ime";
import { useGo } from "../../lib/routes";
import { useApi, useConversations, useFolders, useMembers, usePresence, useWorkspaces } from "../../live";
import { Avatar, cx, ErrorNote, Highlight } from "../../ui";
import { conversationEntries, findEntries, folderEntries, peopleEntries, type Entry } from "./findEntries";
import styles from "./Switcher.module.css";

export function Switcher({ ws, onClose, onShortcuts }: { ws: string; onClose: () => void; onShortcuts: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const presence = usePresence();
  const conversations = useConversations(ws).data;
  const members = useMembers(ws).data;
  const folders = useFolders(ws).data;
  const workspaces = useWorkspaces().data;
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const wanted = useDeferredValue(query);
  const listID = useId();
  const list = useRef<HTMLDivElement>(null);
  const [ime] = useState(() => new ImeGuard());
  const openDirect = useMutation({
    mutationFn: (personId: string) => api.chat.openDirect({ workspaceId: ws, personId }),
    onSuccess: (conversation) => {
      onClose();
      go.conversation(ws, conversation.id);
    },
  });

  const all = useMemo<Entry[]>(() => {
    const command = (key: string, name: string, run: () => void): Entry => ({
      key, group: "commands", id: key, name, note: "", run: () => {
        onClose();
        run();
      },
    });
    return [
      ...conversationEntries(conversations ?? [], t("messages.everyone"), (id) => {
        onClose();
        go.conversation(ws, id);
      }),
      ...peopleEntries(members ?? [], (member) => openDirect.mutate(member.personId)),
      ...folderEntries(folders ?? [], (id) => {
        onClose();
        go.folder(ws, id);
      }),
      ...(workspaces ?? []).filter((workspace) => workspace.id !== ws).map((workspace): Entry => ({
        key: `w:${workspace.id}`, group: "workspaces", id: workspace.id, name: workspace.name, note: "", run: () => {
          onClose();
          go.messages(workspace.id);
        },
      })),
      command("messages", t("nav.messages"), () => go.messages(ws)),
      command("directory", t("nav.directory"), () => go.directory(ws)),
      command("folders", t("nav.folders"), () => go.folders(ws)),
      command("meetings", t("nav.meetings"), () => go.meetings(ws)),
      command("contracts", t("nav.contracts"), () => go.contracts(ws)),
      command("settings", t("nav.settings"), () => go.settings(ws)),
      command("another", t("workspace.another"), go.door),
      command("shortcuts", t("shortcuts.title"), onShortcuts),
    ];
    // openDirect is new at every render; its mutate is not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [conversations, members, folders, workspaces, ws, t, go, onClose, onShortcuts, openDirect.mutate]);
  const found = useMemo(() => findEntries(all, wanted), [all, wanted]);
  const chosen = found[Math.min(active, found.length - 1)];

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (ime.owns(event.nativeEvent)) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setActive((now) => (Math.min(now, found.length - 1) + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      chosen?.run();
    }
  };
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
              aria-label={t("search.open")} placeholder={t("search.placeholder")} value={query} spellCheck={false} autoComplete="off"
              onChange={(event) => {
                setQuery(event.target.value);
                setActive(0);
              }}
              onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)} onKeyUp={() => ime.keyUp()}
              onKeyDown={onKeyDown}
            />
          </div>
          {openDirect.error && <div className={styles.note}><ErrorNote cause={openDirect.error} /></div>}
          <div ref={list} id={listID} role="listbox" aria-label={t("search.results")} className={styles.list}>
            {found.map((entry, index) => (
              <div key={entry.key} role="presentation">
                {entry.group !== found[index - 1]?.group && <div role="presentation" className={styles.group}>{t(`search.${entry.group}`)}</div>}
                <div
                  id={optionID(entry)} role="option" aria-selected={entry === chosen} className={cx(styles.option, entry === chosen && styles.active)}
                  onMouseMove={() => setActive(index)} onClick={entry.run}
                >
                  {entry.group === "commands" ? <span className={styles.icon}><Command aria-hidden /></span>
                    : entry.group === "folders" ? <span className={styles.icon}><Folder aria-hidden /></span>
                    : entry.group === "workspaces" ? <span className={styles.icon}><Building2 aria-hidden /></span>
                      : <Avatar id={entry.id} name={entry.name} size="xs" online={presence.people.has(entry.id)} />}
                  <span className={styles.name}><Highlight text={entry.name} query={wanted} /></span>
                  {entry.note && <small><Highlight text={entry.note} query={wanted} /></small>}
                </div>
              </div>
            ))}
          </div>
          {found.length === 0 && <p className={styles.none} role="status">{t("search.none", { query: wanted })}</p>}
          <p className={styles.hint} aria-hidden>{t("search.hint")}</p>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
