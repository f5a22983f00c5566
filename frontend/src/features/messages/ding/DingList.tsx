import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DingBox, DingVerdict, type Ding } from "../../../api";
import { useGo } from "../../../lib/routes";
import { full } from "../../../lib/time";
import { useDings } from "../../../live";
import { Dialog, ErrorNote, ExternalTag, Segmented, Waiting } from "../../../ui";
import { askDing } from "./ask";
import styles from "./ding.module.css";
import { where } from "./words";

/** The urgent notices that one got and sent. */
export function DingList({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [box, setBox] = useState<"received" | "sent">("received");
  const { data, error } = useDings(ws, box === "sent" ? DingBox.SENT : DingBox.RECEIVED);
  return (
    <Dialog open onClose={onClose} title={t("ding.title")}>
      <div className={styles.form}>
        <Segmented label={t("ding.title")} value={box} onChange={setBox} options={[{ value: "received", label: t("ding.received") }, { value: "sent", label: t("ding.sent") }]} />
        {error ? <ErrorNote cause={error} /> : !data ? <Waiting /> : data.length === 0 ? <p className={styles.quiet}>{t("ding.none")}</p> : (
          <ul className={styles.list}>{data.map((ding) => <Row key={ding.id} ws={ws} ding={ding} onClose={onClose} />)}</ul>
        )}
      </div>
    </Dialog>
  );
}

function Row({ ws, ding, onClose }: { ws: string; ding: Ding; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const state = ding.calledOffUnixMs > 0n ? t("ding.calledOff")
    : ding.verdict !== DingVerdict.STANDS ? t("ding.over")
    : ding.isMine ? t("ding.confirmedOf", { count: ding.confirmed, total: ding.total })
    : ding.myConfirmedUnixMs > 0n ? t("ding.youConfirmed") : t("ding.youWait");
  const open = () => {
    if (ding.isMine) return askDing({ what: "one", id: ding.id });
    onClose();
    if (ding.messageId !== "") go.message(ws, ding.conversationId, ding.messageId);
  };
  return (
    <li>
      <button type="button" onClick={open}>
        <span className={styles.top}><b><bdi>{ding.personName}</bdi></b>{ding.isExternal && <ExternalTag />}<span>{where(ding, t)}</span><time dateTime={new Date(Number(ding.sentUnixMs)).toISOString()}>{full(Number(ding.sentUnixMs), i18n.language)}</time></span>
        <span className={styles.clip} dir="auto">{ding.isRecalled ? t("ding.recalled") : ding.text || ding.fileName}</span>
        <span className={styles.state}>{state}</span>
      </button>
    </li>
  );
}
