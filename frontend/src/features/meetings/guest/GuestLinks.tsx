import { useMutation } from "@tanstack/react-query";
import { Globe, Network } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { GuestLink } from "../../../api";
import { reachOf } from "../../../lib/address";
import { joinNames } from "../../../lib/names";
import { full } from "../../../lib/time";
import { useApi, useGuestLinks, useRuntime, type GuestsOf } from "../../../live";
import { Button, CopyButton, Dialog, ErrorNote, QRCode, Select, Waiting } from "../../../ui";
import styles from "./guest.module.css";

const HOUR = 3600;
const LIVES = { hour: HOUR, halfDay: 12 * HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR } as const;
type Life = keyof typeof LIVES | "meeting";
const USES = ["1", "5", "20", "100"] as const;

/** Links by which people without a workspace come into one meeting: how long, how often, and what became of them. `until` is the end of a planned one, in ms. */
export function GuestLinks({ of, until, onClose }: { of: GuestsOf; until?: number; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const { data, error, refetch } = useGuestLinks(of);
  const [life, setLife] = useState<Life>(until === undefined ? "halfDay" : "meeting");
  const [uses, setUses] = useState<(typeof USES)[number]>("5");
  const [another, setAnother] = useState(false);
  // What is planned may take longer than planned.
  const seconds = life === "meeting" ? Math.max(Math.round((until! - Date.now()) / 1000), 0) + 2 * HOUR : LIVES[life];
  const make = useMutation({
    mutationFn: () => api.calls.createGuestLink({ ...of, expiresSeconds: BigInt(seconds), maxUses: Number(uses) }),
    onSuccess: () => {
      setAnother(false);
      void refetch();
    },
  });
  const known = data?.links ?? [];
  // The list comes a little later than the link that was made; until then an older one would stand where it belongs.
  const links = [...(make.data && known.every(({ id }) => id !== make.data.id) ? [make.data] : []), ...known].sort((a, b) => Number(b.expiresUnixMs - a.expiresUnixMs));
  const usable = links.find((link) => link.link !== "" && endOf(link) === null);
  const shown = make.data && links.find((link) => link.id === make.data.id && endOf(link) === null) || usable;
  const lives: Life[] = [...(until === undefined ? [] : ["meeting" as const]), "hour", "halfDay", "day", "week"];
  return (
    <Dialog open onClose={onClose} title={t("meetings.guests.title")} description={t("meetings.guests.text")} size="lg">
      {error && <ErrorNote cause={error} onRetry={() => void refetch()} />}
      {shown && !another ? <Shown link={shown} onAnother={() => setAnother(true)} may={data?.mayInvite ?? false} /> : !data && !error ? <Waiting /> : data?.mayInvite === false ? <p className={styles.quiet}>{t("meetings.guests.mayNot")}</p> : (
        <div className={styles.form}>
          <div className={styles.choices}>
            <div><span>{t("invites.expires")}</span><Select label={t("invites.expires")} value={life} onChange={setLife} options={lives.map((key) => ({ value: key, label: t(`meetings.guests.life.${key}`) }))} /></div>
            <div><span>{t("meetings.guests.people")}</span><Select label={t("meetings.guests.people")} value={uses} onChange={setUses} options={USES.map((count) => ({ value: count, label: t("meetings.guests.peopleCount", { count: Number(count) }) }))} /></div>
          </div>
          {make.error && <ErrorNote cause={make.error} />}
          <div className={styles.row}>
            <Button kind="primary" size="lg" busy={make.isPending} onClick={() => make.mutate()}>{t("meetings.guests.create")}</Button>
            {shown && <Button kind="quiet" onClick={() => setAnother(false)}>{t("action.cancel")}</Button>}
          </div>
        </div>
      )}
      {links.length > 0 && (
        <section className={styles.list} aria-label={t("invites.existing")}>
          <h3>{t("invites.existing")}</h3>
          <ul>{links.map((link) => <li key={link.id}><Row of={of} link={link} onDone={() => void refetch()} /></li>)}</ul>
        </section>
      )}
    </Dialog>
  );
}

function endOf({ revoked, expiresUnixMs, uses, maxUses }: GuestLink): "revoked" | "expired" | "usedUp" | null {
  return revoked ? "revoked" : Number(expiresUnixMs) < Date.now() ? "expired" : uses >= maxUses ? "usedUp" : null;
}

function Shown({ link, onAnother, may }: { link: GuestLink; onAnother: () => void; may: boolean }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  const { reach, hosts } = reachOf(link.relayHosts);
  const values = { count: hosts.length, hosts: joinNames(hosts, i18n.language) };
  return (
    <div className={styles.made}>
      <QRCode text={link.link} label={t("meetings.guests.qr")} />
      <div className={styles.madeText}>
        <label>
          <span className={styles.label}>{t("meetings.guests.link")}</span>
          <textarea readOnly rows={3} dir="ltr" value={link.link} onFocus={(event) => event.target.select()} />
        </label>
        <p className={styles.quiet}>{t("invites.until", { date: full(Number(link.expiresUnixMs), i18n.language) })} · {t("meetings.guests.used", { uses: link.uses, max: link.maxUses })}</p>
        <div className={styles.row}>
          <CopyButton primary text={link.link} copy={runtime.copyText} label={t("invites.copy")} />
          {may && <Button kind="quiet" onClick={onAnother}>{t("invites.another")}</Button>}
        </div>
      </div>
      <p className={styles.reach}>
        {reach === "far" ? <Globe aria-hidden /> : <Network aria-hidden />}
        <span>{reach === "far" ? t("invites.reachFar", values) : reach === "inside" ? t("invites.reachInside", values) : t("invites.reachNear")}</span>
      </p>
    </div>
  );
}

function Row({ of, link, onDone }: { of: GuestsOf; link: GuestLink; onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const runtime = useRuntime();
  const revoke = useMutation({ mutationFn: () => api.calls.revokeGuestLink({ ...of, linkId: link.id }), onSuccess: onDone });
  const ended = endOf(link);
  return (
    <div className={styles.link}>
      <div>
        <p>{t("meetings.guests.used", { uses: link.uses, max: link.maxUses })}{link.createdBy !== "" && <> · {t("invites.by", { name: link.createdBy })}</>}</p>
        <p className={styles.quiet}>{ended ? t(`invites.${ended}`) : t("invites.until", { date: full(Number(link.expiresUnixMs), i18n.language) })}</p>
        {revoke.error && <ErrorNote cause={revoke.error} />}
      </div>
      {!ended && (
        <>
          {link.link !== "" && <CopyButton text={link.link} copy={runtime.copyText} />}
          <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>{t("invites.revoke")}</Button>
        </>
      )}
    </div>
  );
}
