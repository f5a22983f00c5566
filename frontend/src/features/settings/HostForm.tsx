import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { HostedRelayResponse, Workspace } from "../../api";
import { hostOf, isHost, isInside, portOf } from "../../lib/address";
import { useWorkspaces } from "../../live";
import { Button, CheckRow, Field } from "../../ui";
import { chosenHost, type HostChange } from "./hosting";
import styles from "./relays.module.css";

/** Where it answers, and for whom. Nothing changes before one applies it. */
export function HostForm({ hosted, chosen: named, offered, busy, onSave }: {
  hosted: HostedRelayResponse;
  /** Workspaces that name it, or shall when it starts. */
  chosen: readonly string[];
  /** Workspaces that this person administers. */
  offered: readonly Workspace[];
  busy: boolean;
  onSave: (wanted: HostChange) => void;
}) {
  const { t } = useTranslation();
  const all = useWorkspaces().data ?? [];
  const guessed = chosenHost(hosted) === "";
  const before = hostOf(hosted.address);
  // What nobody touched follows the answers that come meanwhile; what was touched stays as it was left.
  const [ownHost, setHost] = useState<string>();
  const [ownPort, setPort] = useState<string>();
  const [ownChoice, setChosen] = useState<ReadonlySet<string>>();
  const host = ownHost ?? before;
  const port = ownPort ?? String(hosted.port);
  const chosen = ownChoice ?? new Set(named);
  const [tried, setTried] = useState(false);

  const typed = host.trim();
  const hostWrong = typed !== "" && !isHost(typed);
  const number = portOf(port);
  // An untouched guess stays one, so that it follows the networks.
  const publicHost = guessed && typed === before ? "" : typed;
  const namedByOthers = hosted.workspaceIds.filter((id) => !offered.some((workspace) => workspace.id === id));
  const same = hosted.enabled && typed === before && number === hosted.port && chosen.size === hosted.workspaceIds.length && hosted.workspaceIds.every((id) => chosen.has(id));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (hostWrong || number === null || busy) return;
    onSave({ enabled: true, port: number, publicHost, workspaceIds: [...chosen].filter((id) => !namedByOthers.includes(id)) });
  };
  const toggle = (id: string, on: boolean) => setChosen((now = chosen) => {
    const next = new Set(now);
    if (on) next.add(id);
    else next.delete(id);
    return next;
  });
  const guess = typed === "" || (guessed && typed === before);
  const inside = isInside(typed === "" ? before : typed);
  const hint = guess ? (inside ? t("host.addressGuessInside") : t("host.addressGuess")) : inside ? t("host.addressInside") : t("host.addressChosen");

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <div className={styles.where}>
        <Field label={t("host.address")} value={host} dir="ltr" placeholder="relay.example.com" onChange={(event) => setHost(event.target.value)} hint={hint} error={hostWrong && tried ? t("host.addressInvalid") : undefined} />
        <Field label={t("host.port")} value={port} dir="ltr" inputMode="numeric" onChange={(event) => setPort(event.target.value)} error={number === null && tried ? t("host.portInvalid") : undefined} />
      </div>
      <fieldset className={styles.group}>
        <legend>{t("host.workspaces")}</legend>
        <p className={styles.note}>{offered.length === 0 ? t("host.workspacesNone") : t("host.workspacesNote")}</p>
        {offered.map(({ id, name }) => <CheckRow key={id} label={name} checked={chosen.has(id)} onChange={(on) => toggle(id, on)} />)}
        {namedByOthers.map((id) => <CheckRow key={id} label={all.find((workspace) => workspace.id === id)?.name ?? id} note={t("host.onlyAdmins")} checked disabled onChange={() => {}} />)}
      </fieldset>
      <div><Button type="submit" kind="primary" busy={busy} disabled={same}>{t("host.save")}</Button></div>
    </form>
  );
}
