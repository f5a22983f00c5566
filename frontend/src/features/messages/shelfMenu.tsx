import type { TFunction } from "i18next";
import { Archive, ArchiveRestore, ArrowDown, ArrowUp, AtSign, Bell, BellOff, Pin, PinOff } from "lucide-react";
import type { Conversation } from "../../api";
import type { MenuEntry } from "../../ui";
import { inAnHour, isArchived, isMuted, isPinned, tomorrow } from "./shelf";
import type { Shelf } from "./useShelf";

/** What one may do with a conversation in one's own list. */
export function shelfEntries(one: Conversation, shelf: Shelf, t: TFunction): MenuEntry[] {
  const archived = isArchived(one);
  const place = shelf.placeOf(one);
  const pinning: MenuEntry[] = archived ? [] : [
    isPinned(one)
      ? { key: "unpin", label: t("shelf.unpin"), icon: <PinOff aria-hidden />, onSelect: () => shelf.pin(one, false) }
      : { key: "pin", label: t("shelf.pin"), icon: <Pin aria-hidden />, onSelect: () => shelf.pin(one, true) },
    ...(place > 1 ? [{ key: "up", label: t("shelf.up"), icon: <ArrowUp aria-hidden />, onSelect: () => shelf.move(one, place - 1) }] : []),
    ...(place > 0 && place < shelf.pinned.length ? [{ key: "down", label: t("shelf.down"), icon: <ArrowDown aria-hidden />, onSelect: () => shelf.move(one, place + 1) }] : []),
  ];
  const now = new Date();
  const muting: MenuEntry[] = isMuted(one) ? [
    { key: "unmute", label: t("shelf.unmute"), icon: <Bell aria-hidden />, divided: true, onSelect: () => shelf.mute(one, "never") },
    ...(one.rules ? [{ key: "everyone", label: t("shelf.everyone"), icon: <AtSign aria-hidden />, checked: one.kept?.everyone ?? false, onSelect: () => shelf.everyone(one, !(one.kept?.everyone ?? false)) }] : []),
  ] : [
    { key: "hour", label: t("shelf.muteHour"), icon: <BellOff aria-hidden />, divided: true, onSelect: () => shelf.mute(one, inAnHour(now)) },
    { key: "tomorrow", label: t("shelf.muteTomorrow"), icon: <BellOff aria-hidden />, onSelect: () => shelf.mute(one, tomorrow(now)) },
    { key: "always", label: t("shelf.muteAlways"), icon: <BellOff aria-hidden />, note: t("shelf.muteHint"), onSelect: () => shelf.mute(one, "always") },
  ];
  return [
    ...pinning, ...muting,
    archived
      ? { key: "archive", label: t("shelf.unarchive"), icon: <ArchiveRestore aria-hidden />, divided: true, onSelect: () => shelf.archive(one) }
      : { key: "archive", label: t("shelf.archive"), icon: <Archive aria-hidden />, note: t("shelf.archiveHint"), divided: true, onSelect: () => shelf.archive(one) },
  ];
}
