import { useTranslation } from "react-i18next";
import type { ConnectionsResponse, Relay } from "../../api";
import { useGo } from "../../lib/routes";
import { brief } from "../../lib/time";
import { useRelayOfLinks } from "../../live";
import { Avatar, Button, Dialog, InfoNote, RelayStatus, useLinkName } from "../../ui";
import styles from "./Shell.module.css";

const REASONS = ["broadcast_blocked", "listen_failed", "no_network"] as const;

interface Props {
  ws: string;
  onClose: () => void;
  connections: ConnectionsResponse;
  relays: readonly Relay[];
}

export function ConnectionDialog({ open, ...props }: Props & { open: boolean }) {
  const { t } = useTranslation();
  return <Dialog open={open} onClose={props.onClose} title={t("connections.title")}><Connected {...props} /></Dialog>;
}

/** What the dialog says. It is made only where it is open: there may be links to thousands, and each change makes it anew. */
function Connected({ ws, onClose, connections, relays }: Props) {
  const { t, i18n } = useTranslation();
  const words = { today: t("messages.today"), yesterday: t("messages.yesterday") };
  const go = useGo();
  const relay = useRelayOfLinks();
  const linkName = useLinkName();
  return (
    <>
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
              <div>
                <span><bdi>{connection.personName}</bdi></span>
                <small>{linkName(connection.via, relay)} · {connection.syncing ? t("connections.syncing") : t("connections.since", { time: brief(Number(connection.sinceUnixMs), Date.now(), i18n.language, words) })}</small>
              </div>
            </li>
          ))}
        </ul>
      </section>
      <section className={styles.block}>
        <h3>{t("connections.relayList")}</h3>
        {relays.length === 0 && <p className={styles.quiet}>{t("connections.noRelays")}</p>}
        <ul className={styles.relays}>
          {relays.map((one) => (
            <li key={one.id}>
              <p><bdi>{one.name === "" ? one.host : one.name}</bdi></p>
              <RelayStatus relay={one} />
            </li>
          ))}
        </ul>
        <Button
          kind="quiet" className={styles.more}
          onClick={() => {
            onClose();
            go.settings(ws, "relays");
          }}
        >
          {t("connections.relaySettings")}
        </Button>
      </section>
      {connections.addresses.length > 0 && (
        <section className={styles.block}>
          <h3>{t("connections.addresses")}</h3>
          {connections.addresses.map((address) => <p key={address} className={styles.address}>{address}</p>)}
          <p className={styles.quiet}>{t("connections.addressesNote")}</p>
        </section>
      )}
    </>
  );
}
