import { useEffect, useMemo, useState, type ReactNode } from "react";
import { Navigate } from "@tanstack/react-router";
import { FloatingBar, Ringing } from "../../features/meetings/always";
import { DingAlerts, DingLayer, LaterNotices, MessageNotices } from "../../features/messages/always";
import { Palette } from "../../features/search";
import { useGo } from "../../lib/routes";
import { useCalls, useContractsToDo, useConversations, useFolders, usePortraits, useRuntime, useWorkspaces } from "../../live";
import { ColumnsFrame, PortraitContext } from "../../ui";
import { ConnectionCard } from "./ConnectionCard";
import { ContractNotices } from "./ContractNotices";
import { rememberWorkspace } from "./lastWorkspace";
import { ListHead } from "./ListHead";
import { Rail } from "./Rail";
import { Requests } from "./Requests";
import styles from "./Shell.module.css";
import { ShortcutList } from "./ShortcutList";
import { useShortcuts } from "./useShortcuts";
import { Warnings } from "./Warnings";

/** The frame around every place of a workspace. */
export function Shell({ ws, children }: { ws: string; children: ReactNode }) {
  const go = useGo();
  const runtime = useRuntime();
  const known = useWorkspaces().data?.some((workspace) => workspace.id === ws);
  const unread = useConversations(ws).data?.reduce((sum, conversation) => sum + conversation.noticed, 0) ?? 0;
  const attention = useFolders(ws).data?.reduce((sum, folder) => sum + folder.conflicts + folder.problems, 0) ?? 0;
  const missed = useCalls(ws).data?.past.filter((past) => past.fresh).length ?? 0;
  const toSign = useContractsToDo(ws);
  const [open, setOpen] = useState<"none" | "palette" | "shortcuts">("none");
  const close = () => setOpen("none");
  const portraits = usePortraits(ws);

  useEffect(() => rememberWorkspace(ws), [ws]);
  useEffect(() => runtime.showUnread(unread), [runtime, unread]);
  useShortcuts({
    find: () => setOpen((now) => (now === "palette" ? "none" : "palette")),
    list: () => setOpen((now) => (now === "shortcuts" ? "none" : "shortcuts")),
    messages: () => go.messages(ws),
    directory: () => go.directory(ws),
    folders: () => go.folders(ws),
    meetings: () => go.meetings(ws),
    contracts: () => go.contracts(ws),
    settings: () => go.settings(ws),
  });
  const frame = useMemo(() => ({
    top: <ListHead ws={ws} onFind={() => setOpen("palette")} />,
    foot: <ConnectionCard ws={ws} />,
  }), [ws]);

  if (known === false) return <Navigate to="/" replace />;
  return (
    <PortraitContext value={portraits}><div className={styles.shell}>
      <Rail ws={ws} unread={unread} attention={attention} missed={missed} toSign={toSign} />
      <div className={styles.place}>
        <DingAlerts />
        <Warnings />
        <LaterNotices ws={ws} />
        <FloatingBar />
        <ColumnsFrame value={frame}>{children}</ColumnsFrame>
      </div>
      <ContractNotices ws={ws} />
      <MessageNotices ws={ws} />
      <Requests />
      <Ringing />
      <DingLayer ws={ws} />
      {open === "palette" && <Palette ws={ws} onClose={close} onShortcuts={() => setOpen("shortcuts")} />}
      <ShortcutList open={open === "shortcuts"} onClose={close} />
    </div></PortraitContext>
  );
}
