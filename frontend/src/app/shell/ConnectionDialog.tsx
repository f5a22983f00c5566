import { useTranslation } from "react-i18next";
import type { ConnectionsResponse } from "../../api";
import { brief } from "../../lib/time";
import { Avatar, Dialog, InfoNote } from "../../ui";
import styles from "./Shell.module.css";

const VIA = ["lan", "rtc", "relayed"] as const;
const REASONS = ["broadcast_blocked", "listen_failed", "no_network"] as const;

export function ConnectionDialog({ open, onClose, connections }: { open: boolean; onClose: () => void; connections: ConnectionsResponse }) {
  const { t, i18n } = useTranslation();
  const words = { today: t("messages.today"), yesterday: t("messages.yesterday") };
  const via = (name: string) => {
    const known = VIA.find((candidate) => candidate === name);
    return known ? t(`connections.via.${known}`) : t("connections.via.other");
  };
  return (
    <Dialog open={open} onClose={onClose} title={t("connections.title")}>
      {connections.problems.length > 0 && (
        <section className={styles.block}>
          <h3>{t("connections.problems")}</h3>
          <div className={styles.notes}>
            {connections.problems.map((code) => {
              const known = REASONS.find((candidate) => candidate === code);
              return <InfoNote key={code} tone="warn">{known ? t(`connections.reason.${known}`) : t("connections.reason.other", { code })}</InfoNote>;
            })}
          </div>
        </section>
      )}
      <section className={styles.block}>
        <h3>{t("connections.links")}</h3>
        {connections.connections.length === 0 && <p className={styles.quiet}>{t("connections.noLinks")}</p>}
        <ul className={styles.links}>
          {connections.connections.map((connection) => (
            <li key={connection.deviceId} className={styles.link}>
              <Avatar id={connection.personId} name={connection.personName} size="xs" />
              <span><bdi>{connection.personName}</bdi></span>
              <small>{connection.syncing ? t("connections.syncing") : `${via(connection.via)} · ${t("connections.since", { time: brief(Number(connection.sinceUnixMs), Date.now(), i18n.language, words) })}`}</small>
            </li>
          ))}
        </ul>
      </section>
      {connections.addresses.length > 0 && (
        <section className={styles.block}>
          <h3>{t("connections.addresses")}</h3>
          {connections.addresses.map((address) => <p key={address} className={styles.address}>{address}</p>)}
          <p className={styles.quiet}>{t("connections.addressesNote")}</p>
        </section>
      )}
    </Dialog>
  );
}
