import { useTranslation } from "react-i18next";
import type { Away } from "../../api";

export const AWAY_KINDS = ["vacation", "sick", "trip", "other"] as const;
export type AwayKind = (typeof AWAY_KINDS)[number];

/** Today by this computer's calendar, as days are written in the log. */
export function today(now = new Date()): string {
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}

function shortDay(day: string, language: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Intl.DateTimeFormat(language, { month: "short", day: "numeric" }).format(new Date(year, month - 1, date));
}

/** "On leave until 5 Feb", or "On leave 1 Feb – 5 Feb" while it is yet to come. */
export function useAwayWord(): (away: Away) => string {
  const { t, i18n } = useTranslation();
  return (away) => {
    const kind = t(`directory.away.${AWAY_KINDS.find((known) => known === away.kind) ?? "other"}`);
    const until = shortDay(away.toDay, i18n.language);
    return away.fromDay <= today() ? t("directory.awayUntil", { kind, until }) : t("directory.awayFrom", { kind, from: shortDay(away.fromDay, i18n.language), until });
  };
}
