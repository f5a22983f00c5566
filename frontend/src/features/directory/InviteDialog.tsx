import { useMutation } from "@tanstack/react-query";
import { Globe } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Role, type Invite } from "../../api";
import { reachOf } from "../../lib/address";
import { joinNames } from "../../lib/names";
import { useGo } from "../../lib/routes";
import { full } from "../../lib/time";
import { useApi, useRelays, useRuntime } from "../../live";
import { Button, CopyButton, Dialog, ErrorNote, InfoNote, QRCode, RelayIcon, Select } from "../../ui";
import { InviteList } from "./InviteList";
import styles from "./invite.module.css";
import { ROLES, type RoleKey } from "./roles";

const LIVES = [["hour", 3600n], ["day", 86_400n], ["week", 604_800n], ["month", 2_592_000n]] as const;
const USES = ["1", "5", "20", "100"] as const;

export function InviteDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [role, setRole] = useState<RoleKey>("member");
  const [life, setLife] = useState<(typeof LIVES)[number][0]>("week");
  const [uses, setUses] = useState<(typeof USES)[number]>("1");
  const make = useMutation({
    mutationFn: () => api.people.createInvite({
      workspaceId: ws, role: role === "guest" ? Role.GUEST : Role.MEMBER, expiresSeconds: LIVES.find(([key]) => key === life)![1], maxUses: Number(uses),
    }),
  });
  return (
    <Dialog open onClose={onClose} title={t("invites.title")} description={t("invites.text")} size="lg">
      {make.data ? <Made ws={ws} invite={make.data} onAnother={() => make.reset()} /> : (
        <div className={styles.form}>
          <div className={styles.choices}>
            <div><span>{t("invites.role")}</span><Select label={t("invites.role")} value={role} onChange={setRole} options={ROLES.slice(2).map(([key]) => ({ value: key, label: t(`role.${key}`), note: t(`role.${key}Note`) }))} /></div>
            <div><span>{t("invites.expires")}</span><Select label={t("invites.expires")} value={life} onChange={setLife} options={LIVES.map(([key]) => ({ value: key, label: t(`invites.${key}`) }))} /></div>
            <div><span>{t("invites.uses")}</span><Select label={t("invites.uses")} value={uses} onChange={setUses} options={USES.map((count) => ({ value: count, label: t("invites.times", { count: Number(count) }) }))} /></div>
          </div>
          {make.error && <ErrorNote cause={make.error} />}
          <Button kind="primary" size="lg" busy={make.isPending} onClick={() => make.mutate()}>{t("invites.create")}</Button>
        </div>
      )}
      <InviteList ws={ws} />
    </Dialog>
  );
}

function Made({ ws, invite, onAnother }: { ws: string; invite: Invite; onAnother: () => void }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  return (
    <div className={styles.made}>
      <QRCode text={invite.link} label={t("invites.qr")} />
      <div className={styles.madeText}>
        <label>
          <span className={styles.label}>{t("invites.link")}</span>
          <textarea readOnly rows={3} dir="ltr" value={invite.link} onFocus={(event) => event.target.select()} />
        </label>
        <p className={styles.quiet}>{t("invites.until", { date: full(Number(invite.expiresUnixMs), i18n.language) })} · {t("invites.times", { count: invite.maxUses })}</p>
        <div className={styles.row}>
          <CopyButton primary text={invite.link} copy={runtime.copyText} label={t("invites.copy")} />
          <Button kind="quiet" onClick={onAnother}>{t("invites.another")}</Button>
        </div>
      </div>
      <div className={styles.span}><Reach ws={ws} addresses={invite.relayHosts} /></div>
    </div>
  );
}

/** From where the link works, and what to do about it. */
function Reach({ ws, addresses }: { ws: string; addresses: readonly string[] }) {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const mayAdd = useRelays(ws).data?.canChange ?? false;
  const { reach, hosts } = reachOf(addresses);
  const values = { count: hosts.length, hosts: joinNames(hosts, i18n.language) };
  if (reach === "far") return <p className={styles.far}><Globe aria-hidden /><span>{t("invites.reachFar", values)}</span></p>;
  if (reach === "inside") return <InfoNote>{t("invites.reachInside", values)}</InfoNote>;
  return (
    <div className={styles.near}>
      <InfoNote><b>{t("invites.reachNear")}</b>{mayAdd && <> {t("invites.reachNearHint")}</>}</InfoNote>
      {mayAdd && <Button kind="quiet" icon={<RelayIcon />} onClick={() => go.settings(ws, "relays")}>{t("invites.addRelay")}</Button>}
    </div>
  );
}
