import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { DingWho, type DingRules as Rules } from "../../api";
import { useApi, useDingRules, useNoticesChanged } from "../../live";
import { Choices, ErrorNote, Select } from "../../ui";
import styles from "./settings.module.css";

const NUMBERS = [1, 2, 3, 5, 10, 20, 50, 100];
const options = (now: number) => [...new Set([...NUMBERS, now])].sort((a, b) => a - b).map((value) => ({ value: String(value), label: String(value) }));

/** Who may send urgent notices in a workspace, and how many. */
export function DingRules({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const api = useApi();
  const changed = useNoticesChanged();
  const { data } = useDingRules(ws);
  const set = useMutation({
    mutationFn: (change: Partial<Pick<Rules, "who" | "perDay" | "perTenMinutes">>) => {
      const { who, perDay, perTenMinutes } = { ...data!, ...change };
      return api.ding.setRules({ workspaceId: ws, who, perDay, perTenMinutes });
    },
    onSettled: () => changed("ding"),
  });
  if (!data) return null;
  return (
    <section className={styles.block}>
      <h2>{t("ding.title")}</h2>
      <p className={styles.note}>{t("ding.rulesNote")}</p>
      {data.canSet ? (
        <>
          <Choices
            label={t("ding.who")} value={data.who === DingWho.LEADS ? "leads" : "everybody"} onChange={(who) => set.mutate({ who: who === "leads" ? DingWho.LEADS : DingWho.EVERYBODY })}
            options={[{ value: "everybody", label: t("ding.everybody") }, { value: "leads", label: t("ding.leads") }]}
          />
          <div className={styles.pair}>
            <span>{t("ding.perDay")}</span><Select label={t("ding.perDay")} value={String(data.perDay)} options={options(data.perDay)} onChange={(perDay) => set.mutate({ perDay: Number(perDay) })} />
          </div>
          <div className={styles.pair}>
            <span>{t("ding.perTen")}</span><Select label={t("ding.perTen")} value={String(data.perTenMinutes)} options={options(data.perTenMinutes)} onChange={(perTen) => set.mutate({ perTenMinutes: Number(perTen) })} />
          </div>
        </>
      ) : <p>{data.who === DingWho.LEADS ? t("ding.leads") : t("ding.everybody")} · {t("ding.limits", { day: data.perDay, ten: data.perTenMinutes })} · {t("settings.onlyAdmins")}</p>}
      {set.error && <ErrorNote cause={set.error} />}
    </section>
  );
}
