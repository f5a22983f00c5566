import { useTranslation } from "react-i18next";

/** The name of a link on screen. `relay` is the host that relayed links run through, "" when that is not certain. */
export function useLinkName(): (via: string, relay: string) => string {
  const { t } = useTranslation();
  return (via, relay) => {
    switch (via) {
      case "lan":
        return t("connections.via.lan");
      case "rtc":
        return t("connections.via.rtc");
      case "relayed":
        return relay === "" ? t("connections.via.relayedPlain") : t("connections.via.relayed", { host: relay });
      default:
        return t("connections.via.other");
    }
  };
}
