import { ChevronRight, Menu as MenuIcon, Search, X } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Department } from "../../api";
import { IconButton, useColumns } from "../../ui";
import styles from "./directory.module.css";

export function DirectoryHead({ query, onQuery, count, path, onPath, action }: {
  query: string;
  onQuery: (query: string) => void;
  count: number;
  /** From the top down to the department that is shown. */
  path: readonly Department[];
  onPath: (id: string) => void;
  action: ReactNode;
}) {
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
      {path.length > 0 && (
        <nav aria-label={t("directory.path")} className={styles.path}>
          <button type="button" onClick={() => onPath("")}>{t("directory.all")}</button>
          {path.map((department, place) => (
            <Fragment key={department.id}>
              <ChevronRight aria-hidden />
              <button type="button" aria-current={place === path.length - 1 ? "location" : undefined} onClick={() => onPath(department.id)}><bdi>{department.name}</bdi></button>
            </Fragment>
          ))}
        </nav>
      )}
    </header>
  );
}
