import { CalendarPlus, Menu as MenuIcon, Ticket, Video } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../lib/routes";
import { useApi, useCalls, useWorkspace } from "../../live";
import { Button, Columns, Empty, ErrorNote, IconButton, InfoNote, useColumns, Waiting } from "../../ui";
import { ChooseDialog } from "./ChooseDialog";
import { useCall } from "./context";
import { NoticeAsk } from "./NoticeAsk";
import { canMeet } from "./media/problems";
import { OngoingRow, PlannedRow } from "./rows";
import { PastList } from "./PastList";
import { PlanDialog } from "./PlanDialog";
import { OpenInBrowser } from "./OpenInBrowser";
import styles from "./page.module.css";

/** What goes on, what is planned, what was. */
export function MeetingsPage({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const api = useApi();
  const { data } = useCalls(ws);
  // Who sees the list has seen what was missed; what is missed while one looks, too.
  const fresh = data?.past.some((past) => past.fresh) ?? false;
  useEffect(() => {
    if (!fresh) return;
    // Long enough to notice which ones were new.
    const timer = setTimeout(() => void api.calls.seePast({ workspaceId: ws }).catch(() => {}), 2500);
    return () => clearTimeout(timer);
  }, [api, fresh, ws]);
  return (
    <Columns name={t("meetings.past.title")} list={<PastList ws={ws} />}>
      <Home ws={ws} />
    </Columns>
  );
}

function Home({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const columns = useColumns();
  const { data, error, refetch } = useCalls(ws);
  const { state } = useCall();
  const active = useWorkspace(ws)?.active ?? false;
  const [open, setOpen] = useState<"none" | "start" | "plan">("none");
  const close = () => setOpen("none");
  const mine = data?.mine?.call ?? (state?.call?.workspaceId === ws ? state.call : undefined);
  const ongoing = [...(mine && !data?.ongoing.some(({ id }) => id === mine.id) ? [mine] : []), ...(data?.ongoing ?? [])];
  // What has begun stands above already.
  const planned = data?.planned.filter(({ callId }) => !ongoing.some(({ id }) => id === callId)) ?? [];
  const nothing = data && ongoing.length === 0 && planned.length === 0;
  const deeds = (
    <div className={styles.deeds}>
      <Button kind="primary" size="lg" icon={<Video aria-hidden />} onClick={() => setOpen("start")}>{t("meetings.start")}</Button>
      <Button size="lg" icon={<CalendarPlus aria-hidden />} onClick={() => setOpen("plan")}>{t("meetings.plan.open")}</Button>
      <Button size="lg" kind="quiet" icon={<Ticket aria-hidden />} onClick={go.guest}>{t("guest.short")}</Button>
    </div>
  );
  return (
    <>
      <header className={styles.head}>
        {columns.narrow && <IconButton label={t("action.showList")} onClick={columns.openList}><MenuIcon /></IconButton>}
        <h1>{t("nav.meetings")}</h1>
        {active && !nothing && deeds}
      </header>
      <div className={styles.body}>
        {!canMeet() && <><InfoNote tone="warn">{t("meetings.unsupported.text")}</InfoNote><OpenInBrowser /></>}
        <NoticeAsk />
        {error && !data && <ErrorNote cause={error} onRetry={() => void refetch()} />}
        {!data && !error && <Waiting />}
        {nothing && <Empty icon={<Video />} title={t("meetings.empty.title")} action={active ? deeds : undefined}>{t("meetings.empty.text")}</Empty>}
        {ongoing.length > 0 && (
          <section aria-labelledby="ongoing">
            <h2 id="ongoing" className={styles.title}>{t("meetings.ongoing.title")}</h2>
            <ul className={styles.cards}>{ongoing.map((call) => <li key={call.id}><OngoingRow ws={ws} call={call} mine={call.id === mine?.id} /></li>)}</ul>
          </section>
        )}
        {planned.length > 0 && (
          <section aria-labelledby="planned">
            <h2 id="planned" className={styles.title}>{t("meetings.planned.title")}</h2>
            <ul className={styles.cards}>{planned.map((one) => <li key={one.id}><PlannedRow ws={ws} planned={one} /></li>)}</ul>
          </section>
        )}
        {data && !nothing && planned.length === 0 && <p className={styles.quiet}>{t("meetings.planned.none")}</p>}
      </div>
      {open === "start" && <ChooseDialog ws={ws} onClose={close} />}
      {open === "plan" && <PlanDialog ws={ws} onClose={close} />}
    </>
  );
}
