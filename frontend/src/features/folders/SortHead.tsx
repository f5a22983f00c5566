import { ArrowDown, ArrowUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "../../ui";
import styles from "./files.module.css";
import type { SortKey, Sorting } from "./sort";

const KEYS: readonly SortKey[] = ["name", "size", "changed", "state"];

/** The names of the columns, which sort. */
export function SortHead({ sorting, onSorting }: { sorting: Sorting; onSorting: (sorting: Sorting) => void }) {
  const { t } = useTranslation();
  return (
    <div className={cx(styles.columns, styles.sort)} role="group" aria-label={t("folders.sort")}>
      {KEYS.map((key) => {
        const chosen = sorting.key === key;
        return (
          <button
            key={key} type="button" className={styles[key]} aria-pressed={chosen}
            // What is largest or newest is looked for first.
            onClick={() => onSorting({ key, down: chosen ? !sorting.down : key === "size" || key === "changed" })}
          >
            {t(`folders.column.${key}`)}{chosen && (sorting.down ? <ArrowDown aria-label={t("folders.down")} /> : <ArrowUp aria-label={t("folders.up")} />)}
          </button>
        );
      })}
    </div>
  );
}
