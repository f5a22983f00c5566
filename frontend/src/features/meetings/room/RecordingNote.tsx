import { useTranslation } from "react-i18next";
import { useNow } from "../../../lib/now";
import { ErrorNote, IconButton } from "../../../ui";
import { X } from "lucide-react";
import { useCall, useRecorder } from "../context";
import { Saved } from "../states";
import { duration } from "../words";
import styles from "./room.module.css";

/** How the own recording stands, and where its file is. */
export function RecordingNote() {
  const { t } = useTranslation();
  const { recorder } = useCall();
  const { phase, path, sinceMs, problem } = useRecorder();
  const now = useNow(phase === "on");
  const close = <IconButton label={t("action.close")} onClick={() => recorder.forget()}><X /></IconButton>;
  if (phase === "on") return <p className={styles.hint}><i className={styles.rec} aria-hidden />{t("meetings.recording.on", { time: duration(now - sinceMs) })}</p>;
  if (phase === "saving") return <p className={styles.hint} role="status">{t("meetings.recording.saving")}</p>;
  if (phase === "saved") return <div className={styles.notice} role="status"><Saved path={path} />{close}</div>;
  if (phase === "failed" && problem) return <div className={styles.notice}><span><ErrorNote problem={problem} />{path !== "" && <small>{t("meetings.recording.kept", { path })}</small>}</span>{close}</div>;
  return null;
}
