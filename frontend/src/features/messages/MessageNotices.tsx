import type { TFunction } from "i18next";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type MessageNotice } from "../../api";
import { isQuiet } from "../../lib/quiet";
import { useGo } from "../../lib/routes";
import { useApi, useRuntime, useSettings, useTopic, useWaitingDings } from "../../live";
import { brief } from "./names";
import { NoticeTeller } from "./noticeTeller";

/** While nobody looks at this window, the system tells of messages: one notice for each conversation, which later ones replace. */
export function MessageNotices({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const api = useApi();
  const go = useGo();
  const settings = useSettings().data;
  const dings = useWaitingDings().data;
  // What an answer needs is read when it comes.
  const now = useRef({ t, settings });
  useEffect(() => {
    now.current = { t, settings };
  });
  const [teller] = useState(() => new NoticeTeller({
    fresh: (cursor) => api.notices.fresh({ cursor }),
    wanted: () => now.current.settings?.notifyMessages === true && !isQuiet(now.current.settings, new Date()),
    isWatched: () => runtime.isWatched(),
    show: (id, notice) => runtime.notices.show({ id, ...words(notice, now.current.settings?.notifyWords ?? false, now.current.t), passing: true }),
    showAll(id, all) {
      const { t } = now.current;
      const count = all.reduce((sum, notice) => sum + notice.count, 0);
      runtime.notices.show({ id, title: t("notice.many", { count }), text: t("notice.conversations", { count: all.length }), passing: true });
    },
    hide: (id) => runtime.notices.hide(id),
  }));
  useTopic("notices", () => void teller.look());
  useEffect(() => {
    void teller.look();
    return runtime.onWatched((watched) => (watched ? teller.watched() : void teller.look()));
  }, [runtime, teller]);
  // An urgent notice tells of its message by itself.
  useEffect(() => {
    for (const ding of dings ?? []) teller.drop(ding.conversationId, ding.messageId);
  }, [dings, teller]);
  useEffect(() => runtime.notices.onPressed((id) => {
    const place = teller.placeOf(id);
    if (place) go.message(place.workspaceId, place.conversationId, place.message?.id ?? "");
    else if (place === null) go.messages(ws);
  }), [runtime, teller, go, ws]);
  return null;
}

/** Who wrote, where, and what, as far as it is to be shown. */
export function words({ message, conversationKind, conversationName, count, isExternal }: MessageNotice, shown: boolean, t: TFunction): { title: string; text: string } {
  const name = message?.personName ?? "";
  const who = isExternal ? t("notice.external", { name }) : name;
  const where = conversationKind === ConversationKind.DIRECT ? [] : [conversationKind === ConversationKind.EVERYONE ? t("messages.everyone") : conversationName];
  const thread = message && message.inThreadId !== "" && !message.alsoShown ? [t("thread.title")] : [];
  const said = shown && message ? brief(message, t) : "";
  const text = said === "" ? t("notice.many", { count }) : count > 1 ? t("notice.last", { count, text: said }) : said;
  return { title: [who, ...where, ...thread].join(" · "), text: message?.mentionsMe ? t("notice.mention", { text }) : text };
}
