import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { HostedRelayResponse, Workspace } from "../../api";
import { size } from "../../lib/size";
import { useApi, useHostedRelay, useRuntime, useShowHostedRelay, useWorkspaces } from "../../live";
import { Confirm, CopyButton, ErrorNote, RelayIcon, SwitchRow, Waiting } from "../../ui";
import { HostForm } from "./HostForm";
import { chosenHost, type HostChange } from "./hosting";
import styles from "./relays.module.css";

/** The relay that this computer can be: one switch, and the truth about what it takes. */
export function HostRelay({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useHostedRelay();
  const workspaces = useWorkspaces().data;
  return (
    <section className={styles.section} aria-labelledby="host-relay">
      <h2 id="host-relay" className={styles.title}>{t("host.title")}</h2>
      {data && workspaces ? <Loaded ws={ws} hosted={data} workspaces={workspaces} /> : error ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : <Waiting />}
    </section>
  );
}

function Loaded({ ws, hosted, workspaces }: { ws: string; hosted: HostedRelayResponse; workspaces: readonly Workspace[] }) {
  const { t } = useTranslation();
  const api = useApi();
  const runtime = useRuntime();
  const show = useShowHostedRelay();
  const [stopping, setStopping] = useState(false);
  const offered = workspaces.filter(({ canAdminister, active }) => canAdminister && active);
  const change = useMutation({ mutationFn: (wanted: HostChange) => api.relay.hostRelay(wanted), onSuccess: show });
  const [applied, setApplied] = useState(0);
  // The workspace one looks at; the others are chosen below.
  const here = offered.find(({ id }) => id === ws) ?? offered[0];
  const chosen = hosted.enabled ? hosted.workspaceIds : here ? [here.id] : [];
  const publicHost = chosenHost(hosted);
  // What kept it from starting may be its port: the form is needed before it runs.
  const failedToStart = !hosted.enabled && change.isError && change.variables.enabled === true;
  return (
    <>
      <SwitchRow
        label={t("host.switch")} hint={t("host.switchNote")} checked={hosted.enabled} disabled={change.isPending}
        onChange={(on) => (on ? change.mutate({ enabled: true, port: 0, publicHost, workspaceIds: chosen }) : setStopping(true))}
      />
      <ul className={styles.truths}>
        <li>{t("host.truthOn")}</li>
        <li>{t("host.truthPort", { port: hosted.port })}</li>
        <li>{t("host.truthBlind")}</li>
      </ul>
      {change.error && !stopping && <ErrorNote cause={change.error} />}
      {(hosted.enabled || failedToStart) && (
        <div className={styles.panel}>
          {hosted.enabled && <Running hosted={hosted} />}
          <HostForm key={applied} hosted={hosted} chosen={chosen} offered={offered} busy={change.isPending} onSave={(wanted) => change.mutate(wanted, { onSuccess: () => setApplied(applied + 1) })} />
          {hosted.running && hosted.link !== "" && (
            <div className={styles.copy}>
              <CopyButton text={hosted.link} copy={runtime.copyText} label={t("host.link")} />
              <p className={styles.note}>{t("host.linkNote")}</p>
            </div>
          )}
        </div>
      )}
      <Confirm
        open={stopping} onClose={() => setStopping(false)} danger title={t("host.stopTitle")} action={t("host.stop")} busy={change.isPending}
        onConfirm={() => change.mutate({ enabled: false, publicHost }, { onSuccess: () => setStopping(false) })} error={change.error ? <ErrorNote cause={change.error} /> : undefined}
      >
        {t("host.stopText")}
      </Confirm>
    </>
  );
}

function Running({ hosted }: { hosted: HostedRelayResponse }) {
  const { t } = useTranslation();
  const { running, errorCode, port, devices, storedBytes, addresses } = hosted;
  const failed = errorCode === "" ? ""
    : errorCode === "relay_port_taken" ? t("host.failed.relay_port_taken", { port }) : errorCode === "disk_full" ? t("host.failed.disk_full") : t("host.failed.other");
  const facts = [t("host.devices", { count: devices }), t("host.stored", { size: size(Number(storedBytes)) })];
  return (
    <div className={styles.running} role="status">
      <p className={running && errorCode === "" ? styles.on : styles.off}>
        <RelayIcon sign={!running ? "off" : errorCode === "" ? "check" : "alert"} />
        <span><b>{running ? t("host.running") : t("host.starting")}</b>{running && facts.map((fact) => <span key={fact}> · {fact}</span>)}</span>
      </p>
      {failed !== "" && <p className={styles.deed}>{failed}</p>}
      {running && addresses.length > 0 && <p className={styles.reached}>{t("host.reached")} {addresses.map((address) => <code key={address}>{address}</code>)}</p>}
    </div>
  );
}
