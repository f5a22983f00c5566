import { useTranslation } from "react-i18next";
import type { Quote } from "../../api";
import { unmarked } from "../../lib/markup";
import styles from "./depth.module.css";
import { useDeeds } from "./deeds";
import { ExternalMark } from "./External";
import { useLimited } from "./HistoryRule";

/** The message that another one answers to, as it is now; a press shows it where it stands. */
export function QuoteBlock({ quote }: { quote: Quote }) {
  const { t } = useTranslation();
  const deeds = useDeeds();
  const limited = useLimited();
  if (quote.messageId === "") return <p className={styles.quote} data-absent="">{t(limited ? "history.quote" : "depth.quoteAbsent")}</p>;
  const file = quote.fileCount > 1 ? t("attach.briefMore", { count: quote.fileCount }) : quote.isPicture ? t("attach.briefPicture") : t("attach.briefFile", { name: quote.fileName });
  const words = quote.isRecalled ? t("depth.quoteRecalled") : quote.text !== "" ? unmarked(quote.text).replace(/\s+/g, " ") : quote.isRecord ? t("thread.recordBrief") : file;
  return (
    <button type="button" className={styles.quote} data-absent={quote.isRecalled ? "" : undefined} title={t("depth.jumpTo")} onClick={() => deeds?.jump(quote.messageId)}>
      <b><bdi>{quote.personName}</bdi></b><ExternalMark personId={quote.personId} brief /><span dir="auto">{words}</span>
    </button>
  );
}
