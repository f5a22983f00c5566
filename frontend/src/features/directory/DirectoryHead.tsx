import { ChevronRight, Menu as MenuIcon, Search, X } from "lucide-react";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Department } from "../../api";
import { IconButton, Segmented, useColumns } from "../../ui";
import styles from "./directory.module.css";

export function DirectoryHead({ query, onQuery, count, path, onPath, shallow, onShallow, action }: {
  query: string;
  onQuery: (query: string) => void;
  /** How many are shown; nothing as long as nobody knows. */
  count: number | undefined;
  /** From the top down to the department that is shown. */
  path: readonly Department[];
  onPath: (id: string) => void;
  /** Only the department's own people, not those below it. */
  shallow: boolean;
  onShallow: (shallow: boolean) => void;
  action: ReactNode;
}) {
  const { t } = useTranslation();
  const columns = useColumns();
  const department = path.at(-1);
  return (
    <header className={styles.head}>
      {columns.narrow && <IconButton label={t("action.showList")} onClick={columns.openList}><MenuIcon /></IconButton>}
      <h1 className={styles.title}>{t("nav.directory")}<small role="status">{count !== undefined && t("directory.count", { count })}</small></h1>
      <div className={styles.filter} role="search">
        <Search aria-hidden />
        <input
          type="text" value={query} placeholder={t("directory.filter")} aria-label={t("directory.filter")} spellCheck={false} autoComplete="off"
          onChange={(event) => onQuery(event.target.value)} onKeyDown={(event) => event.key === "Escape" && !event.nativeEvent.isComposing && onQuery("")}
        />
        {query !== "" && <IconButton label={t("action.close")} onClick={() => onQuery("")}><X /></IconButton>}
      </div>
      {action}
      {department && (
        <div className={styles.place}>
          <nav aria-label={t("directory.path")} className={styles.path}>
            <button type="button" onClick={() => onPath("")}>{t("directory.all")}</button>
            {path.map(({ id, name }) => (
              <Fragment key={id}>
                <ChevronRight aria-hidden />
                <button type="button" aria-current={id === department.id ? "location" : undefined} title={name} onClick={() => onPath(id)}><bdi>{name}</bdi></button>
              </Fragment>
            ))}
          </nav>
          {department.children > 0 && (
            <Segmented label={t("directory.deep.label")} value={shallow ? "here" : "below"} onChange={(value) => onShallow(value === "here")} options={[
              { value: "here", label: t("directory.deep.here", { count: department.here }) }, { value: "below", label: t("directory.deep.below", { count: department.below }) },
            ]} />
          )}
        </div>
      )}
    </header>
  );
}
