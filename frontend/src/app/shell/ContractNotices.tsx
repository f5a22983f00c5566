import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, type ContractRow } from "../../api";
import { daysAgo } from "../../lib/time";
import { useContracts, useRuntime, useQuiet, useSettings } from "../../live";

const EVERYTHING = { box: 0, query: "", tag: "" };

/** While nobody looks at this window, the system tells of contracts that wait for this person, are complete, or were declined. */
export function ContractNotices({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const settings = useSettings().data;
  const quiet = useQuiet();
  const wanted = (settings?.notifyContracts ?? false) && !quiet;
  const rows = useContracts(ws, EVERYTHING).data?.rows;
  const [away, setAway] = useState(false);
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
  // Nothing changes when a day passes, so one looks again.
  const [hour, setHour] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setHour((before) => before + 1), 3_600_000);
    return () => clearInterval(timer);
  }, []);
  const told = useRef(new Set<string>());
  useEffect(() => {
    if (!rows || !wanted || runtime.isWatched()) return;
    const now = Date.now();
    for (const row of rows) {
      const days = endsIn(row, now);
      const day = `${row.id} ${row.endsUnixMs} ${days}`;
      if (days === undefined || told.current.has(day)) continue;
      told.current.add(day);
      runtime.notices.show({ id: `contract:${row.id}`, title: row.title, text: days === 0 ? t("contracts.notice.endsToday") : t("contracts.notice.ends", { count: days }) });
    }
  }, [runtime, rows, t, wanted, hour, away]);
  useEffect(() => runtime.onWatched((watched) => {
    setAway(!watched);
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

/** In how many days the obligations of a complete contract end, within the last week; a contract without an end, or with a later one, has none. */
export function endsIn(row: ContractRow, now: number): number | undefined {
  const days = 0 - daysAgo(Number(row.endsUnixMs), now);
  return row.state === ContractState.COMPLETED && row.endsUnixMs > BigInt(now) && days <= 7 ? days : undefined;
}
