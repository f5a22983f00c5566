import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, CircleX, Clock, FilePenLine, PenLine } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ContractState, type ContractRow } from "../../../api";
import { brief } from "../../../lib/time";
import { cx, Highlight, useColumns } from "../../../ui";
import { deadlineWords, endsWords, rowWords, useSpeech, type Tone } from "../words";
import styles from "./list.module.css";

export const TONE_ICONS: Record<Tone, typeof CircleCheck> = { good: CircleCheck, busy: Clock, idle: CircleDashed, warn: Clock, bad: CircleX, mine: PenLine };

export function ContractRowLink({ ws, row, query, chosen }: { ws: string; row: ContractRow; query: string; chosen: boolean }) {
  const { t } = useTranslation();
  const { closeList } = useColumns();
  const inside = <Inside row={row} query={query} />;
  const common = { className: styles.row, "aria-current": chosen ? ("true" as const) : undefined, onClick: closeList };
  return row.state === ContractState.DRAFT
    ? <Link {...common} to="/w/$ws/contracts/draft/$draft" params={{ ws, draft: row.id }} title={t("contracts.row.draft")}>{inside}</Link>
    : <Link {...common} to="/w/$ws/contracts/$contract" params={{ ws, contract: row.id }} search={row.excerptPage > 0 ? { page: row.excerptPage } : {}}>{inside}</Link>;
}

function Inside({ row, query }: { row: ContractRow; query: string }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const said = rowWords(row, speech);
  const now = Date.now();
  const runs = row.state === ContractState.RUNNING;
  const due = runs ? deadlineWords(row.deadlineUnixMs, now, speech) : row.state === ContractState.COMPLETED ? endsWords(row.endsUnixMs, now, speech) : null;
  const Icon = row.state === ContractState.DRAFT ? FilePenLine : TONE_ICONS[said.tone];
  return (
    <>
      <span className={styles.first}>
        <bdi className={styles.title}><Highlight text={row.title || t("contracts.untitled")} query={query} /></bdi>
        <time className={styles.time}>{brief(Number(row.changedUnixMs), now, speech.language, { today: "", yesterday: t("messages.yesterday") })}</time>
      </span>
      <span className={cx(styles.status, styles[said.tone])}><Icon aria-hidden /><span>{said.text}</span>{row.toAct > 0 && row.state !== ContractState.DRAFT && <b>{t("contracts.row.progress", { done: row.acted, all: row.toAct })}</b>}</span>
      {row.partyNames.length > 0 && <span className={styles.people}><bdi>{row.partyNames.join(speech.language === "zh" ? "、" : ", ")}</bdi></span>}
      {(due || row.tags.length > 0) && (
        <span className={styles.more}>
          {due && <em data-tone={due.tone}>{due.text}</em>}
          {row.tags.map((tag) => <i key={tag}><bdi>{tag}</bdi></i>)}
        </span>
      )}
      {row.excerpt !== "" && <span className={styles.excerpt}>{row.excerptPage > 0 && <b>{t("contracts.row.page", { page: row.excerptPage })}</b>}<Highlight text={row.excerpt} query={query} /></span>}
    </>
  );
}
