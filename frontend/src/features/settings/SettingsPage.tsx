import { Link } from "@tanstack/react-router";
import { Building2, EyeOff, FolderSync, Info, Menu as MenuIcon, Monitor, SlidersHorizontal } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { SettingsSection } from "../../lib/routes";
import { useSettings } from "../../live";
import { Columns, ErrorNote, IconButton, RelayIcon, useColumns, Waiting } from "../../ui";
import { About } from "./About";
import { Device } from "./Device";
import { Folders } from "./Folders";
import { General } from "./General";
import { Privacy } from "./Privacy";
import { Relays } from "./Relays";
import styles from "./settings.module.css";
import { WorkspaceSection } from "./WorkspaceSection";

const SECTIONS = [["general", SlidersHorizontal], ["privacy", EyeOff], ["device", Monitor], ["workspace", Building2], ["folders", FolderSync], ["relays", RelayIcon], ["about", Info]] as const;

export function SettingsPage({ ws, section }: { ws: string; section: SettingsSection }) {
  const { t } = useTranslation();
  const known = SECTIONS.find(([name]) => name === section)?.[0] ?? "general";
  return (
    <Columns name={t("settings.sections")} list={<SectionList ws={ws} />}>
      <Head title={t(`settings.${known}`)} />
      <div className={styles.page} key={known}><Content ws={ws} section={known} /></div>
    </Columns>
  );
}

function Content({ ws, section }: { ws: string; section: SettingsSection }) {
  const { data, error, refetch } = useSettings();
  if (error && !data) return <ErrorNote cause={error} onRetry={() => void refetch()} />;
  if (!data) return <Waiting />;
  switch (section) {
    case "privacy":
      return <Privacy settings={data} />;
    case "device":
      return <Device ws={ws} settings={data} />;
    case "workspace":
      return <WorkspaceSection ws={ws} />;
    case "folders":
      return <Folders />;
    case "relays":
      return <Relays ws={ws} />;
    case "about":
      return <About />;
    default:
      return <General settings={data} />;
  }
}

function Head({ title }: { title: string }) {
  const { t } = useTranslation();
  const columns = useColumns();
  return (
    <header className={styles.head}>
      {columns.narrow && <IconButton label={t("action.showList")} onClick={columns.openList}><MenuIcon /></IconButton>}
      <h1>{title}</h1>
    </header>
  );
}

function SectionList({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { closeList } = useColumns();
  return (
    <>
      <h2 className={styles.listHead}>{t("settings.title")}</h2>
      <ul className={styles.sections}>
        {SECTIONS.map(([name, Icon]) => (
          <li key={name}>
            <Link to="/w/$ws/settings/$section" params={{ ws, section: name }} className={styles.section} activeProps={{ "aria-current": "page" }} onClick={closeList}>
              <Icon aria-hidden />{t(`settings.${name}`)}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
