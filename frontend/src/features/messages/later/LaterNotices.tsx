import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ScheduledState, type Scheduled } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useAsking, useConversations, useQuiet, useRuntime } from "../../../live";
import { Button, InfoNote } from "../../../ui";
import { conversationName } from "../names";
import styles from "./later.module.css";

/** Scheduled messages that were not sent and want a word, wherever one is. What was sent late is told in its conversation. */
export function LaterNotices({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const asking = useAsking(ws).data?.filter(({ state }) => state === ScheduledState.ASKING || state === ScheduledState.FAILED) ?? [];
  const conversations = useConversations(ws).data;
  const nameOf = (one: Scheduled) => {
    const conversation = conversations?.find(({ id }) => id === one.conversationId);
    return conversation ? conversationName(conversation, t) : "";
  };
  const first = asking[0];
  useTold(asking, (one) => t("later.notSent", { name: nameOf(one) }));
  if (!first) return null;
  return (
    <div className={styles.notice} role="status">
      <InfoNote tone="warn">
        {asking.length === 1 ? t("later.notSent", { name: nameOf(first) }) : t("later.notSentMany", { count: asking.length })}
        {" "}<Button kind="quiet" onClick={() => go.conversation(ws, first.conversationId)}>{t("later.look")}</Button>
      </InfoNote>
    </div>
  );
}

/** The system tells of each once, while nobody looks at the window; not in quiet hours, but after them. */
function useTold(asking: readonly Scheduled[], title: (one: Scheduled) => string): void {
  const runtime = useRuntime();
  const quiet = useQuiet();
  const told = useRef(new Set<string>());
  const titled = useRef(title);
  useEffect(() => {
    titled.current = title;
  });
  const ids = asking.map(({ id, text }) => `${id}\n${text}`).join("\0");
  useEffect(() => {
    const wanted = ids === "" ? [] : ids.split("\0").map((one) => [one.slice(0, one.indexOf("\n")), one.slice(one.indexOf("\n") + 1)] as const);
    for (const id of told.current) if (!wanted.some(([one]) => one === id)) runtime.notices.hide(`later:${id}`);
    const look = (watched: boolean) => {
      for (const [id, text] of wanted) {
        if (watched) runtime.notices.hide(`later:${id}`);
        else if (!quiet && !told.current.has(id)) runtime.notices.show({ id: `later:${id}`, title: titled.current(asking.find((one) => one.id === id) ?? asking[0]!), text });
        if (watched || !quiet) told.current.add(id);
      }
    };
    look(runtime.isWatched());
    return runtime.onWatched(look);
    // What is said of one is said when it appears.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [runtime, ids, quiet]);
}
