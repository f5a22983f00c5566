import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, type ContractRow } from "../../api";
import { useContracts, useRuntime, useSettings } from "../../live";

const EVERYTHING = { box: 0, query: "", tag: "" };

/** While nobody looks at this window, the system tells of contracts that wait for this person, are complete, or were declined. */
export function ContractNotices({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const wanted = useSettings().data?.notifyContracts ?? false;
  const rows = useContracts(ws, EVERYTHING).data?.rows;
  const before = useRef<{ ws: string; rows: ReadonlyMap<string, ContractRow> }>(undefined);
  useEffect(() => {
    if (!rows) return;
    const was = before.current?.ws === ws ? before.current.rows : undefined;
    before.current = { ws, rows: new Map(rows.map((row) => [row.id, row])) };
    // What there was when the window opened is no news.
    if (!was || !wanted || runtime.isWatched()) return;
    for (const row of rows) {
      const said = news(was.get(row.id), row);
      if (said) runtime.notices.show({ id: `contract:${row.id}`, title: row.title, text: t(`contracts.notice.${said}`, { name: row.senderName }) });
    }
  }, [runtime, rows, t, wanted, ws]);
  useEffect(() => runtime.onWatched((watched) => {
    if (watched) for (const id of before.current?.rows.keys() ?? []) runtime.notices.hide(`contract:${id}`);
  }), [runtime]);
  return null;
}

/** What is new of a contract that its people want to be told. */
export function news(was: ContractRow | undefined, now: ContractRow): "toDo" | "completed" | "declined" | undefined {
  if (now.mineToDo && !was?.mineToDo) return "toDo";
  if (!was || was.state === now.state) return undefined;
  if (now.state === ContractState.COMPLETED) return "completed";
  return now.state === ContractState.DECLINED && now.isSender ? "declined" : undefined;
}
