import { Menu as MenuIcon, Search, X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton, useColumns } from "../../ui";
import styles from "./directory.module.css";

export function DirectoryHead({ query, onQuery, count, action }: { query: string; onQuery: (query: string) => void; count: number; action: ReactNode }) {
  const { t } = useTranslation();
  const columns = useColumns();
  return (
    <header className={styles.head}>
      {columns.narrow && <IconButton label={t("action.showList")} onClick={columns.openList}><MenuIcon /></IconButton>}
      <h1 className={styles.title}>{t("nav.directory")}<small role="status">{t("directory.count", { count })}</small></h1>
      <div className={styles.filter} role="search">
        <Search aria-hidden />
        <input
          type="text" value={query} placeholder={t("directory.filter")} aria-label={t("directory.filter")} spellCheck={false} autoComplete="off"
          onChange={(event) => onQuery(event.target.value)} onKeyDown={(event) => event.key === "Escape" && !event.nativeEvent.isComposing && onQuery("")}
        />
        {query !== "" && <IconButton label={t("action.close")} onClick={() => onQuery("")}><X /></IconButton>}
      </div>
      {action}
    </header>
  );
}
