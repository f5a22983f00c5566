import { CircleDashed, Network, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnections, useRelays, useStatus, useWorkspace } from "../../live";
import { cx, Hidden, RelayIcon } from "../../ui";
import { ConnectionDialog } from "./ConnectionDialog";
import { connectionWords } from "./connectionWords";
import styles from "./Shell.module.css";

const ICONS = { good: <Network aria-hidden />, relay: <RelayIcon sign="check" />, idle: <CircleDashed aria-hidden />, bad: <TriangleAlert aria-hidden /> };

/** The truth about connections, in plain words. */
export function ConnectionCard({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { data } = useConnections();
  const relays = useRelays(ws).data?.relays ?? [];
  const me = useStatus().data?.personId;
  const workspace = useWorkspace(ws);
  if (!data || !workspace) return null;

  const others = new Set(data.connections.filter(({ personId, workspaceIds }) => personId !== me && workspaceIds.includes(ws)).map(({ personId }) => personId));
  const { tone, title, note } = connectionWords({ connections: data, relays, others, count: workspace.memberCount - 1, syncing: workspace.syncing }, t);
  return (
    <>
      <button type="button" className={cx(styles.card, styles[tone === "relay" ? "good" : tone])} onClick={() => setOpen(true)} aria-haspopup="dialog">
        {ICONS[tone]}
        <Hidden>{t("connections.card")}: </Hidden><b>{title}</b><small>{note}</small>
      </button>
      <ConnectionDialog ws={ws} open={open} onClose={() => setOpen(false)} connections={data} relays={relays} />
    </>
  );
}
