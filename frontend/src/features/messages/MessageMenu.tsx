import { Copy, CornerUpLeft, Forward, ListChecks, MessageSquareText, PenLine, Pin, PinOff, SmilePlus, Undo2, Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Message } from "../../api";
import { AnchoredMenu, type MenuEntry } from "../../ui";
import type { At, Deeds } from "./deeds";
import { askDing } from "./ding/ask";

export interface MenuAt {
  readonly message: Message;
  readonly at: At;
  readonly back: HTMLElement | null;
  /** What answers, edits and looks in the place where the message stands. */
  readonly by: Deeds | undefined;
}

/** Everything that can be done with a message. What is not allowed is not there; what is allowed to few says so. */
export function MessageMenu({ open, deeds: outer, writable, canPin, onClose }: { open: MenuAt | null; deeds: Deeds; writable: boolean; canPin: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  if (!open) return null;
  const { message } = open;
  const deeds = open.by ?? outer;
  const entries: MenuEntry[] = [];
  const add = (key: string, label: string, icon: MenuEntry["icon"], onSelect: () => void, more: Partial<MenuEntry> = {}) => entries.push({ key, label, icon, onSelect, ...more });
  if (writable) {
    add("reply", t("depth.reply"), <CornerUpLeft />, () => deeds.reply(message));
    if (deeds.thread === "") add("thread", t("thread.reply"), <MessageSquareText />, () => deeds.openThread(message.inThreadId || message.id));
    if (open.back) add("react", t("depth.react"), <SmilePlus />, () => deeds.openEmoji(message, open.back!));
  }
  if (message.text !== "") add("copy", t("depth.copy"), <Copy />, () => deeds.copy([message]));
  add("forward", t("depth.forward"), <Forward />, () => deeds.forward([message]));
  if (message.isMine && writable && !message.recalled) add("ding", t("ding.menu"), <Zap />, () => askDing({ what: "send", conversation: message.conversationId, message, text: "" }));
  // What is chosen is chosen among the messages of the conversation.
  if (deeds.thread === "") add("select", t("depth.select"), <ListChecks />, () => deeds.select(message));
  if (canPin) {
    add("pin", t(message.pinned ? "depth.unpin" : "depth.pin"), message.pinned ? <PinOff /> : <Pin />, () => deeds.pin(message, !message.pinned), { divided: true });
  }
  if (message.canEdit) add("edit", t("depth.edit"), <PenLine />, () => deeds.edit(message), { divided: !canPin });
  if (message.canRecall) add("recall", t("depth.recall"), <Undo2 />, () => deeds.recall(message), { danger: true, divided: true, ...(!message.isMine && { note: t("depth.recallOther") }) });
  return <AnchoredMenu at={open.at} onClose={onClose} entries={entries} label={t("depth.menu")} back={() => open.back} />;
}
