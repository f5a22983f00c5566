import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useApi } from "../../live";
import { ErrorNote, Select } from "../../ui";
import styles from "./settings.module.css";

const HOUR = 3600;
const SPANS = [0, 120, HOUR, 24 * HOUR, 7 * 24 * HOUR, 366 * 24 * HOUR];

/** How long after it was written a message may be recalled, for everybody in the workspace. */
export function RecallSpan({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const api = useApi();
  const client = useQueryClient();
  const key = ["chat", "span", ws];
  const { data } = useQuery({ queryKey: key, queryFn: ({ signal }) => api.chat.recallSpan({ workspaceId: ws }, { signal }) });
  const set = useMutation({
    mutationFn: (seconds: string) => api.chat.setRecallSpan({ workspaceId: ws, seconds: BigInt(seconds) }),
    onSuccess: (now) => client.setQueryData(key, now),
  });
  if (!data) return null;
  const now = Number(data.seconds);
  const words = (seconds: number) => {
    if (seconds === 0) return t("depth.spanNever");
    if (seconds < HOUR) return t("depth.spanMinutes", { count: Math.round(seconds / 60) });
    return seconds <= 24 * HOUR ? t("depth.spanHours", { count: Math.round(seconds / HOUR) }) : t("depth.spanDays", { count: Math.round(seconds / 24 / HOUR) });
  };
  const options = [...new Set([...SPANS, now])].sort((a, b) => a - b).map((seconds) => ({ value: String(seconds), label: words(seconds) }));
  return (
    <section className={styles.block}>
      <h2>{t("depth.span")}</h2>
      <p className={styles.note}>{t("depth.spanNote")}</p>
      {data.canSet ? <Select label={t("depth.span")} value={String(now)} options={options} onChange={(seconds) => set.mutate(seconds)} /> : <p>{words(now)} · {t("settings.onlyAdmins")}</p>}
      {set.error && <ErrorNote cause={set.error} />}
    </section>
  );
}
