import { CircleDashed, Network, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnections, useMembers, useWorkspace } from "../../live";
import { cx, Hidden } from "../../ui";
import { ConnectionDialog } from "./ConnectionDialog";
import styles from "./Shell.module.css";

/** The truth about connections, in plain words. */
export function ConnectionCard({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { data } = useConnections();
  const members = useMembers(ws).data;
  const syncing = useWorkspace(ws)?.syncing ?? false;
  if (!data || !members) return null;

  const inWorkspace = new Set(members.filter((member) => !member.isMe).map((member) => member.personId));
  const linked = new Set(data.connections.map((connection) => connection.personId).filter((id) => inWorkspace.has(id))).size;
  const fetching = syncing || data.connections.some((connection) => connection.syncing);
  const [tone, title, note] = data.problems.includes("no_network") ? (["bad", t("connections.noNetwork"), t("connections.noNetworkNote")] as const)
    : linked > 0 ? (["good", t("connections.linked", { count: linked }), fetching ? t("connections.syncing") : t("connections.linkedNote")] as const)
      : data.problems.length > 0 ? (["bad", t("connections.problem"), t("connections.problemNote")] as const)
        : inWorkspace.size === 0 ? (["idle", t("connections.first"), t("connections.firstNote")] as const)
          : (["idle", t("connections.alone"), t("connections.aloneNote")] as const);
  return (
    <>
      <button type="button" className={cx(styles.card, styles[tone])} onClick={() => setOpen(true)} aria-haspopup="dialog">
        {tone === "good" ? <Network aria-hidden /> : tone === "bad" ? <TriangleAlert aria-hidden /> : <CircleDashed aria-hidden />}
        <Hidden>{t("connections.card")}: </Hidden><b>{title}</b><small>{note}</small>
      </button>
      <ConnectionDialog open={open} onClose={() => setOpen(false)} connections={data} />
    </>
  );
}
