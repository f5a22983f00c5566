import { MonitorSmartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { MemberDevice } from "../../api";
import { usePresence, useRelayOfLinks } from "../../live";
import { useLinkName } from "../../ui";
import styles from "./card.module.css";

export function Devices({ devices, isMe }: { devices: readonly MemberDevice[]; isMe: boolean }) {
  const { t } = useTranslation();
  const presence = usePresence();
  const relay = useRelayOfLinks();
  const linkName = useLinkName();
  const link = (device: MemberDevice) => {
    const via = presence.devices.get(device.deviceId)?.via;
    if (via === undefined) return isMe ? t("settings.device") : t("directory.noLink");
    return linkName(via, relay);
  };
  return (
    <section className={styles.devices} aria-label={t("directory.devices")}>
      <h3>{t("directory.devices")}</h3>
      {devices.map((device) => (
        <div key={device.deviceId} className={styles.device}>
          <MonitorSmartphone aria-hidden />
          <div>
            <p>{link(device)}</p>
            <code aria-label={`${t("directory.fingerprint")}: ${device.fingerprint}`}>{device.fingerprint}</code>
          </div>
        </div>
      ))}
      <p className={styles.quiet}>{isMe ? t("settings.fingerprintNote") : t("directory.fingerprintNote")}</p>
    </section>
  );
}
