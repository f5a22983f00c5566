import { CornerUpLeft, X } from "lucide-react";
import { useLayoutEffect, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "../../api";
import { IconButton } from "../../ui";
import depth from "./depth.module.css";
import { ExternalMark } from "./External";
import { brief } from "./names";

const TALLEST = 220;

/** The field grows with what is in it. */
export function useTall(area: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, TALLEST)}px`;
  }, [area, text]);
}

/** What the next message answers to. */
export function Intent({ reply, onReply }: { reply: Message; onReply: (message: Message | null) => void }) {
  const { t } = useTranslation();
  return (
    <p className={depth.intent}>
      <CornerUpLeft aria-hidden /><span className={depth.whom}><span>{t("depth.replyTo", { name: reply.personName })}</span><ExternalMark personId={reply.personId} brief /><bdi>{brief(reply, t)}</bdi></span>
      <IconButton label={t("depth.noReply")} onClick={() => onReply(null)}><X /></IconButton>
    </p>
  );
}
