import { useTranslation } from "react-i18next";
import { joinNames } from "../../lib/names";
import { useNearby } from "../../live";
import { Avatar, Button, ErrorNote, Menu } from "../../ui";
import type { NearbyWorkspace } from "../../api";
import styles from "./onboarding.module.css";
import { Visit } from "./Visit";

export function Nearby({ busy, onAsk }: { busy: boolean; onAsk: (workspaceId: string, deviceId: string) => void }) {
  const { t } = useTranslation();
  const { data = [], error } = useNearby();
  return (
    <section className={styles.section} aria-label={t("door.nearby")}>
      <div className={styles.sectionHead}>
        <h2>{t("door.nearby")}</h2>
        <span className={styles.pulse}><i aria-hidden />{data.length > 0 && t("door.nearbyMore")}</span>
      </div>
      {error && <ErrorNote cause={error} />}
      <div className={styles.cards} aria-live="polite">
        {data.map((workspace) => <NearbyCard key={workspace.workspaceId} workspace={workspace} busy={busy} onAsk={onAsk} />)}
        {data.length === 0 && !error && <p className={styles.nothing}>{t("door.searching")}<br />{t("door.noneYet")}</p>}
      </div>
      <Visit />
    </section>
  );
}

function NearbyCard({ workspace, busy, onAsk }: { workspace: NearbyWorkspace; busy: boolean; onAsk: (workspaceId: string, deviceId: string) => void }) {
  const { t, i18n } = useTranslation();
  const { hosts, name, workspaceId } = workspace;
  const people = [...new Set(hosts.map((host) => host.personName))];
  const button = <Button kind="primary" disabled={busy || hosts.length === 0} aria-label={`${t("door.ask")}: ${name}`}>{t("door.ask")}</Button>;
  return (
    <article className={styles.card} aria-label={name}>
      <Avatar id={workspaceId} name={name} />
      <div className={styles.cardText}>
        <h3><bdi>{name}</bdi></h3>
        <p>{t("door.members", { count: workspace.memberCount })}{people.length > 0 && <> · {t("door.here", { names: joinNames(people, i18n.language) })}</>}</p>
      </div>
      {hosts.length > 1 ? (
        <Menu
          label={t("door.askWhom")} trigger={button}
          entries={hosts.map((host) => ({ key: host.deviceId, label: host.personName, note: host.deviceName, onSelect: () => onAsk(workspaceId, host.deviceId) }))}
        />
      ) : (
        <Button kind="primary" busy={busy} disabled={hosts.length === 0} aria-label={`${t("door.ask")}: ${name}`} onClick={() => onAsk(workspaceId, hosts[0]!.deviceId)}>{t("door.ask")}</Button>
      )}
    </article>
  );
}
