import { ArrowDown, ArrowUp, Clock3, Ellipsis, KeyRound, Monitor, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Relay } from "../../api";
import { Hidden, IconButton, Menu, namesHost, relayDeed, RelayStatus, type MenuEntry } from "../../ui";
import { relayName } from "./relayName";
import styles from "./relays.module.css";

interface RelayRowProps {
  readonly relay: Relay;
  readonly place: number;
  readonly count: number;
  readonly canChange: boolean;
  readonly onUp: () => void;
  readonly onDown: () => void;
  readonly onRemove: () => void;
}

export function RelayRow({ relay, place, count, canChange, onUp, onDown, onRemove }: RelayRowProps) {
  const { t } = useTranslation();
  const name = relayName(relay);
  const deed = relayDeed(relay, t);
  const waiting = Number(relay.waiting);
  const entries: MenuEntry[] = [
    ...(place > 1 ? [{ key: "up", label: t("relays.up"), icon: <ArrowUp aria-hidden />, onSelect: onUp }] : []),
    ...(place < count ? [{ key: "down", label: t("relays.down"), icon: <ArrowDown aria-hidden />, onSelect: onDown }] : []),
    { key: "remove", label: t("relays.remove"), icon: <Trash2 aria-hidden />, danger: true, divided: count > 1, onSelect: onRemove },
  ];
  return (
    <li className={styles.row} data-relay={relay.host}>
      <span className={styles.place}><Hidden>{t("relays.place", { place, count })}</Hidden><span aria-hidden>{place}</span></span>
      <div className={styles.words}>
        <h3 className={styles.name}><bdi>{name}</bdi></h3>
        {(relay.hostedHere || relay.pinned) && (
          <p className={styles.badges}>
            {relay.hostedHere && <span className={styles.badge}><Monitor aria-hidden />{t("relays.hostedHere")}</span>}
            {relay.pinned && <span className={styles.badge} title={t("relays.pinnedNote")}><KeyRound aria-hidden />{t("relays.pinned")}<Hidden>. {t("relays.pinnedNote")}</Hidden></span>}
          </p>
        )}
        {relay.name !== "" && !namesHost(relay) && <p className={styles.host} dir="ltr">{relay.host}</p>}
        <RelayStatus relay={relay} className={styles.state} />
        {deed !== "" && <p className={styles.deed}>{deed}</p>}
        {waiting > 0 && <p className={styles.waiting}><Clock3 aria-hidden /><span>{t("relays.waiting", { count: waiting })}</span></p>}
      </div>
      {canChange && <Menu label={t("relays.options", { name })} trigger={<IconButton label={t("relays.options", { name })}><Ellipsis /></IconButton>} entries={entries} />}
    </li>
  );
}
