import { Check, ChevronsUpDown, Plus, Search, Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { askDing } from "../../features/messages/always";
import { modifierKey } from "../../lib/platform";
import { useGo } from "../../lib/routes";
import { useWorkspaces } from "../../live";
import { Kbd, Menu } from "../../ui";
import styles from "./Shell.module.css";

/** The workspace and the way to find anything, above every list. */
export function ListHead({ ws, onFind }: { ws: string; onFind: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const workspaces = useWorkspaces().data ?? [];
  const current = workspaces.find((workspace) => workspace.id === ws);
  const note = (workspace: (typeof workspaces)[number]) =>
    !workspace.active ? t("workspace.inactive") : workspace.syncing ? t("workspace.syncing") : t("workspace.members", { count: workspace.memberCount });
  return (
    <div className={styles.head}>
      <Menu
        label={t("workspace.switch")}
        align="start"
        trigger={
          <button type="button" className={styles.workspace} aria-label={`${t("workspace.switch")}: ${current?.name ?? ""}`}>
            <span><bdi>{current?.name}</bdi></span><ChevronsUpDown aria-hidden />
          </button>
        }
        entries={[
          ...workspaces.map((workspace) => ({
            key: workspace.id, label: <bdi>{workspace.name}</bdi>, note: note(workspace),
            icon: workspace.id === ws ? <Check aria-hidden /> : <span style={{ width: 16 }} />,
            onSelect: () => go.messages(workspace.id),
          })),
          { key: "dings", label: t("ding.list"), icon: <Zap aria-hidden />, divided: true, onSelect: () => askDing({ what: "list" }) },
          { key: "another", label: t("workspace.another"), icon: <Plus aria-hidden />, onSelect: go.door },
        ]}
      />
      <button type="button" className={styles.find} onClick={onFind} aria-keyshortcuts="Control+K Meta+K">
        <Search aria-hidden /><span>{t("search.open")}</span><Kbd>{`${modifierKey()} K`}</Kbd>
      </button>
    </div>
  );
}
