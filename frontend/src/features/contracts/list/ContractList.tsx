import { Link } from "@tanstack/react-router";
import { BadgeCheck, FileStack, FileUp, FolderDown, Plus, Search, ShieldCheck, Stamp, X, type LucideIcon } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { ContractBox, ContractState, type ContractsResponse } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useContracts } from "../../../live";
import { ErrorNote, IconButton, Menu, SkeletonRows, useColumns } from "../../../ui";
import { ContractRowLink } from "./ContractRow";
import { ExportListDialog } from "./ExportListDialog";
import styles from "./list.module.css";
import { setFilter, useFilter } from "./remembered";

const BOXES: readonly (readonly [ContractBox, "all" | "todo" | "running" | "completed" | "ended" | "drafts" | "archived", (counts: ContractsResponse) => number])[] = [
  [ContractBox.UNSPECIFIED, "all", () => 0],
  [ContractBox.MINE_TO_DO, "todo", (counts) => counts.mineToDo],
  [ContractBox.RUNNING, "running", (counts) => counts.running],
  [ContractBox.COMPLETED, "completed", (counts) => counts.completed],
  [ContractBox.DRAFTS, "drafts", (counts) => counts.drafts],
  [ContractBox.ENDED, "ended", (counts) => counts.ended],
  [ContractBox.ARCHIVED, "archived", (counts) => counts.archived],
];

export function ContractList({ ws, chosen, onNew }: { ws: string; chosen: string | undefined; onNew: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const filter = useFilter();
  const asked = { ...filter, query: useDeferredValue(filter.query.trim()) };
  const { data, error, refetch, isPlaceholderData } = useContracts(ws, asked);
  const [exporting, setExporting] = useState(false);
  const sent = data?.rows.filter((row) => row.state !== ContractState.DRAFT) ?? [];
  const plain = filter.box === ContractBox.UNSPECIFIED && asked.query === "" && filter.tag === "";
  return (
    <div className={styles.list}>
      <header className={styles.head}>
        <h2>{t("contracts.list")}</h2>
        <span className={styles.deeds}>
          {sent.length > 0 && <IconButton label={t("contracts.export.list")} onClick={() => setExporting(true)}><FolderDown /></IconButton>}
          <Menu
            label={t("contracts.new.title")}
            trigger={<IconButton label={t("contracts.new.title")}><Plus /></IconButton>}
            entries={[
              { key: "document", label: t("contracts.new.document"), note: t("contracts.new.documentNote"), icon: <FileUp aria-hidden />, onSelect: onNew },
              { key: "template", label: t("contracts.new.template"), note: t("contracts.new.templateNote"), icon: <FileStack aria-hidden />, onSelect: () => go.templates(ws) },
            ]}
          />
        </span>
      </header>
      <label className={styles.search}>
        <Search aria-hidden />
        <input type="search" value={filter.query} placeholder={t("contracts.search")} aria-label={t("contracts.search")} onChange={(event) => setFilter({ query: event.target.value })} />
        {filter.query !== "" && <IconButton label={t("contracts.searchClear")} onClick={() => setFilter({ query: "" })}><X /></IconButton>}
      </label>
      <div className={styles.boxes} role="group" aria-label={t("contracts.boxes")}>
        {BOXES.map(([box, key, count]) => {
          const many = data ? count(data) : 0;
          return (
            <button key={key} type="button" className={styles.box} aria-pressed={filter.box === box} data-mine={key === "todo" && many > 0 ? "" : undefined} onClick={() => setFilter({ box })}>
              {t(`contracts.box.${key}`)}{many > 0 && <b>{many}</b>}
            </button>
          );
        })}
      </div>
      {(data?.tags.length ?? 0) > 0 && (
        <div className={styles.tags} role="group" aria-label={t("contracts.tags")}>
          {data!.tags.map((tag) => (
            <button key={tag} type="button" className={styles.tag} aria-pressed={filter.tag === tag} onClick={() => setFilter({ tag: filter.tag === tag ? "" : tag })}><bdi>{tag}</bdi></button>
          ))}
        </div>
      )}
      {error && !data && <div className={styles.note}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows count={4} />}
      {data?.rows.length === 0 && !isPlaceholderData && <p className={styles.none}>{asked.query !== "" ? t("contracts.nothingFound", { query: asked.query }) : plain ? t("contracts.none") : t("contracts.noneHere")}</p>}
      <ul className={styles.rows} aria-label={t("contracts.list")}>
        {data?.rows.map((row) => <li key={row.id}><ContractRowLink ws={ws} row={row} query={asked.query} chosen={row.id === chosen} /></li>)}
      </ul>
      <Places ws={ws} />
      {exporting && <ExportListDialog rows={sent} onClose={() => setExporting(false)} />}
    </div>
  );
}

function Places({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { closeList } = useColumns();
  const places: readonly (readonly ["/w/$ws/contracts/verify" | "/w/$ws/contracts/templates" | "/w/$ws/contracts/seals" | "/w/$ws/contracts/certificates", "verify" | "templates" | "seals" | "certificates", LucideIcon])[] = [
    ["/w/$ws/contracts/verify", "verify", ShieldCheck], ["/w/$ws/contracts/templates", "templates", FileStack],
    ["/w/$ws/contracts/seals", "seals", Stamp], ["/w/$ws/contracts/certificates", "certificates", BadgeCheck],
  ];
  return (
    <nav className={styles.places} aria-label={t("contracts.places")}>
      {places.map(([to, key, Icon]) => (
        <Link key={key} to={to} params={{ ws }} className={styles.place} activeProps={{ "aria-current": "page" }} onClick={closeList}><Icon aria-hidden />{t(`contracts.place.${key}`)}</Link>
      ))}
    </nav>
  );
}
