import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Relay } from "../../api";
import { useApi, useShowRelays } from "../../live";
import { Confirm, ErrorNote } from "../../ui";
import { relayName } from "./relayName";
import styles from "./relays.module.css";

/** Says what happens to whom before it happens. */
export function RemoveRelay({ ws, relay, isLast, onClose }: { ws: string; relay: Relay | null; isLast: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowRelays(ws);
  // The words stay while the dialog fades.
  const last = useRef(relay);
  if (relay) last.current = relay;
  const shown = last.current;
  const remove = useMutation({
    mutationFn: (relayId: string) => api.relay.removeRelay({ workspaceId: ws, relayId }),
    onSuccess: (relays) => {
      show(relays);
      onClose();
    },
  });
  const close = () => {
    remove.reset();
    onClose();
  };
  if (!shown) return null;
  const waiting = Number(shown.waiting);
  return (
    <Confirm
      open={relay !== null} onClose={close} danger title={t("relays.removeTitle", { name: relayName(shown) })} action={t("relays.remove")} busy={remove.isPending}
      onConfirm={() => remove.mutate(shown.id)} error={remove.error ? <ErrorNote cause={remove.error} /> : undefined}
    >
      <div className={styles.sentences}>
        <p>{t("relays.removeText")}</p>
        {isLast && <p>{t("relays.removeLast")}</p>}
        {waiting > 0 && <p>{t("relays.removeWaiting", { count: waiting })}</p>}
        {shown.hostedHere && <p>{t("relays.removeHosted")}</p>}
      </div>
    </Confirm>
  );
}
