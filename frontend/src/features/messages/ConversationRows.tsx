import { useCallback, useEffect, useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../../api";
import { useAsksFor, useDrafts } from "../../live";
import { AnchoredMenu, cx } from "../../ui";
import { ConversationRow, type At } from "./ConversationRow";
import styles from "./list.module.css";
import { conversationName } from "./names";
import { isMuted, isPinned } from "./shelf";
import { shelfEntries } from "./shelfMenu";
import type { Shelf } from "./useShelf";

/** Rows of conversations, with what one may do with each in one's own list. */
export function ConversationRows({ ws, rows, chosen, shelf, label }: { ws: string; rows: readonly Conversation[]; chosen: string | undefined; shelf: Shelf; label: string }) {
  const { t } = useTranslation();
  const [menu, setMenu] = useState<{ id: string; at: At; back: HTMLElement | null } | null>(null);
  const [dragged, setDragged] = useState<Conversation | null>(null);
  const [over, setOver] = useState("");
  // The same functions each time: a row is drawn again only where something of its own changed.
  const present = useRef(shelf);
  useEffect(() => {
    present.current = shelf;
  });
  const openMenu = useCallback((id: string, at: At, back: HTMLElement | null) => setMenu({ id, at, back }), []);
  const move = useCallback((one: Conversation, by: number) => present.current.move(one, present.current.placeOf(one) + by), []);
  // The menu shows the conversation as it is now, not as it was when it opened.
  const shown = menu && rows.find(({ id }) => id === menu.id);
  const drop = (event: DragEvent, on: Conversation) => {
    event.preventDefault();
    if (dragged) shelf.move(dragged, shelf.placeOf(on));
    setDragged(null);
    setOver("");
  };
  const drafts = useDrafts();
  const asking = useAsksFor(ws);
  const today = new Date().setHours(0, 0, 0, 0);
  return (
    <>
      <ul className={styles.rows} aria-label={label}>
        {rows.map((conversation, index) => {
          const pinned = isPinned(conversation);
          const lastPinned = pinned && index + 1 < rows.length && !isPinned(rows[index + 1]!);
          return (
            <li
              key={conversation.id} className={cx(styles.item, pinned && styles.pinned, lastPinned && styles.lastPinned, over === conversation.id && styles.over)}
              draggable={pinned}
              onDragStart={() => pinned && setDragged(conversation)} onDragEnd={() => {
                setDragged(null);
                setOver("");
              }}
              onDragOver={(event) => {
                if (!dragged || !pinned) return;
                event.preventDefault();
                setOver(conversation.id);
              }}
              onDrop={(event) => drop(event, conversation)}
            >
              <ConversationRow
                ws={ws} conversation={conversation} chosen={conversation.id === chosen}
                muted={isMuted(conversation)} today={today}
                left={drafts.get(conversation.id)} asks={asking.has(conversation.id)} onMenu={openMenu} onMove={pinned ? move : undefined}
              />
            </li>
          );
        })}
      </ul>
      <AnchoredMenu
        at={shown ? menu.at : null} onClose={() => setMenu(null)} entries={shown ? shelfEntries(shown, shelf, t) : []}
        label={shown ? t("shelf.options", { name: conversationName(shown, t) }) : ""} back={() => menu?.back ?? null}
      />
    </>
  );
}
