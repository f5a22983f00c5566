import { Popover } from "@base-ui/react/popover";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { emojiGroups, findEmoji, quickEmoji, recentEmoji, usedEmoji, type EmojiGroup } from "../../lib/emoji";
import { Field, usePortalRoot } from "../../ui";
import styles from "./depth.module.css";

/** Emoji to choose from, at a thing. They come with the program. */
export function EmojiPicker({ at, quick, onPick, onClose }: { at: HTMLElement | null; quick?: boolean; onPick: (emoji: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Popover.Root open={at !== null} onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal container={usePortalRoot()}>
        <Popover.Positioner anchor={at} sideOffset={6} align="start" className={styles.positioner}>
          <Popover.Popup className={styles.picker} aria-label={t("depth.emoji")} finalFocus={() => at}>
            <Choices quick={quick ?? false} onPick={(emoji) => {
              usedEmoji(emoji);
              onPick(emoji);
            }} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({ quick, onPick }: { quick: boolean; onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [recent] = useState(recentEmoji);
  const named: Record<EmojiGroup, string> = {
    faces: t("depth.emojiGroup.faces"), hands: t("depth.emojiGroup.hands"), signs: t("depth.emojiGroup.signs"), work: t("depth.emojiGroup.work"), life: t("depth.emojiGroup.life"),
  };
  const found = query.trim() === "" ? null : findEmoji(query);
  const grid = (name: string, all: readonly string[]) => (
    <section key={name} aria-label={name}>
      <h3>{name}</h3>
      <div className={styles.grid}>{all.map((emoji) => <button key={emoji} type="button" aria-label={emoji} onClick={() => onPick(emoji)}>{emoji}</button>)}</div>
    </section>
  );
  return (
    <>
      {quick && <div className={styles.quick} role="group" aria-label={t("depth.emojiQuick")}>{quickEmoji.map((emoji) => <button key={emoji} type="button" aria-label={emoji} onClick={() => onPick(emoji)}>{emoji}</button>)}</div>}
      <Field bare label={t("depth.emojiFind")} placeholder={t("depth.emojiFind")} value={query} onChange={(event) => setQuery(event.target.value)} />
      <div className={styles.groups} tabIndex={0} role="region" aria-label={t("depth.emoji")}>
        {found ? (found.length > 0 ? grid(t("depth.emojiFound"), found) : <p className={styles.quiet}>{t("depth.emojiNone")}</p>) : (
          <>
            {recent.length > 0 && grid(t("depth.emojiRecent"), recent)}
            {emojiGroups.map(([group, all]) => grid(named[group], all))}
          </>
        )}
      </div>
    </>
  );
}
