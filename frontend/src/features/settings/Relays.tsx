import { useMutation } from "@tanstack/react-query";
import { ClipboardPaste, Monitor, Plus, RotateCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RelayState, type Relay, type RelaysResponse, type Workspace } from "../../api";
import { useGo } from "../../lib/routes";
import { useApi, useRelays, useShowRelays, useWorkspace } from "../../live";
import { Button, Empty, ErrorNote, Hidden, InfoNote, RelayIcon, Waiting } from "../../ui";
import { AddRelay } from "./AddRelay";
import { relayName } from "./relayName";
import { RelayRow } from "./RelayRow";
import styles from "./relays.module.css";
import { RemoveRelay } from "./RemoveRelay";

export function Relays({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const workspace = useWorkspace(ws);
  const { data, error, refetch } = useRelays(ws);
  if (error && !data) return <ErrorNote cause={error} onRetry={() => void refetch()} />;
  if (!data || !workspace) return <Waiting label={t("relays.loading")} />;
  return <Loaded key={ws} workspace={workspace} data={data} />;
}

function Loaded({ workspace, data: { relays, canChange } }: { workspace: Workspace; data: RelaysResponse }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowRelays(workspace.id);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Relay | null>(null);
  const [told, setTold] = useState("");
  const retry = useMutation({ mutationFn: () => api.relay.retryRelays({ workspaceId: workspace.id }), onSuccess: show });
  const order = useMutation({ mutationFn: (relayIds: string[]) => api.relay.orderRelays({ workspaceId: workspace.id, relayIds }), onSuccess: show });
  const move = (from: number, to: number) => {
    if (order.isPending) return;
    const ids = relays.map(({ id }) => id);
    const [moved] = ids.splice(from, 1);
    ids.splice(to, 0, moved!);
    order.mutate(ids, { onSuccess: () => setTold(t("relays.moved", { name: relayName(relays[from]!), place: to + 1, count: relays.length })) });
  };
  const waits = relays.some(({ state }) => state === RelayState.UNREACHABLE || state === RelayState.REFUSED);

  return (
    <>
      {!workspace.active && <InfoNote>{t("relays.inactive")}</InfoNote>}
      {relays.length === 0 ? <None ws={workspace.id} canChange={canChange} onPaste={() => setAdding(true)} /> : (
        <>
          <p className={styles.lead}>{t("relays.lead")}</p>
          <section className={styles.section} aria-label={t("relays.list", { name: workspace.name })}>
            <ol className={styles.list}>
              {relays.map((relay, index) => (
                <RelayRow
                  key={relay.id} relay={relay} place={index + 1} count={relays.length} canChange={canChange}
                  onUp={() => move(index, index - 1)} onDown={() => move(index, index + 1)} onRemove={() => setRemoving(relay)}
                />
              ))}
            </ol>
            <p role="status"><Hidden>{told}</Hidden></p>
            {(order.error ?? retry.error) && <ErrorNote cause={order.error ?? retry.error} />}
            <div className={styles.deeds}>
              {canChange && <Button icon={<Plus aria-hidden />} onClick={() => setAdding(true)}>{t("relays.add")}</Button>}
              {waits && <Button kind="quiet" icon={<RotateCw aria-hidden />} busy={retry.isPending} onClick={() => retry.mutate()}>{t("relays.retry")}</Button>}
            </div>
            {!canChange && workspace.active && <p className={styles.note}>{t("relays.readOnly")}</p>}
          </section>
        </>
      )}
      {adding && <AddRelay ws={workspace.id} onClose={() => setAdding(false)} />}
      <RemoveRelay ws={workspace.id} relay={removing} isLast={relays.length === 1} onClose={() => setRemoving(null)} />
    </>
  );
}

function None({ ws, canChange, onPaste }: { ws: string; canChange: boolean; onPaste: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  return (
    <div className={styles.none}>
      <Empty icon={<RelayIcon />} title={t("relays.emptyTitle")}>{t("relays.emptyText")}</Empty>
      {canChange ? (
        <div className={styles.ways}>
          <button type="button" className={styles.way} onClick={onPaste}>
            <ClipboardPaste aria-hidden /><b>{t("relays.emptyPaste")}</b><span>{t("relays.emptyPasteNote")}</span>
          </button>
          <button type="button" className={styles.way} onClick={() => go.settings(ws, "device")}>
            <Monitor aria-hidden /><b>{t("relays.emptyHost")}</b><span>{t("relays.emptyHostNote")}</span>
          </button>
        </div>
      ) : <p className={styles.note}>{t("relays.emptyReadOnly")}</p>}
    </div>
  );
}
