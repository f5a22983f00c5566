import { ArrowDownUp, ChevronDown, ChevronUp } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Folder } from "../../api";
import { baseName } from "../../lib/folderLink";
import { whole } from "../../lib/number";
import { size } from "../../lib/size";
import { useTransfers } from "../../live";
import { Progress } from "../../ui";
import files from "./files.module.css";

/** What is on its way now, and what did not have to travel. */
export function TransferStrip({ folder }: { folder: Folder }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const [open, setOpen] = useState(false);
  const { data } = useTransfers(folder.id);
  if (!data || (data.transfers.length === 0 && data.queued === 0n)) return null;
  const moving = data.transfers.filter((transfer) => !transfer.waiting).length;
  const queued = Number(data.queued) + data.transfers.length - moving;
  const facts = [
    moving > 0 ? t("folders.transfers.moving", { count: moving }) : "",
    queued > 0 ? t("folders.transfers.queued", { count: queued, n: whole(queued, i18n.language) }) : "",
    folder.bytesPerSecond > 0n && moving > 0 ? t("folders.transfers.rate", { size: size(Number(folder.bytesPerSecond)) }) : "",
    data.reusedBytes > 0n ? t("folders.transfers.reused", { size: size(Number(data.reusedBytes)) }) : "",
  ].filter((fact) => fact !== "");
  return (
    <>
      <div className={files.strip}>
        <ArrowDownUp aria-hidden />
        <p title={t("folders.transfers.came", { size: size(Number(data.fetchedBytes)) })}>{facts.join(" · ")}</p>
        {data.transfers.length > 0 && <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {open ? t("folders.transfers.hide") : t("folders.transfers.show")} {open ? <ChevronDown aria-hidden size={14} /> : <ChevronUp aria-hidden size={14} />}
        </button>}
      </div>
      {open && data.transfers.length > 0 && (
        <ul id={id} className={files.moving} aria-label={t("folders.transfers.title")} tabIndex={0}>
          {data.transfers.map((transfer) => (
            <li key={transfer.path}>
              <bdi title={transfer.path}>{baseName(transfer.path)}</bdi>
              <small>{transfer.waiting ? t("folders.entry.waiting") : t("folders.transfers.of", { done: size(Number(transfer.fetched)), size: size(Number(transfer.size)) })}</small>
              <Progress label={baseName(transfer.path)} done={transfer.fetched} total={transfer.size} />
            </li>
          ))}
          {data.queued > 0n && <li><small>{t("folders.transfers.more", { count: Number(data.queued), n: whole(data.queued, i18n.language) })}</small></li>}
        </ul>
      )}
    </>
  );
}
