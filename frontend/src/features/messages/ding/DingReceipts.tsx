import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DingState, DingVerdict, type Ding } from "../../../api";
import { nonce } from "../../../lib/nonce";
import { full } from "../../../lib/time";
import { useApi, useDing, useNoticesChanged } from "../../../live";
import { Avatar, Button, Dialog, ErrorNote, ExternalTag, InfoNote, reachable, Waiting } from "../../../ui";
import styles from "./ding.module.css";
import { stateTitle, STATES, where } from "./words";

/** Who has an urgent notice, who saw it, who confirmed. Its sender can remind the others, or call it off. */
export function DingReceipts({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const changed = useNoticesChanged();
  const { data: ding, error } = useDing(id);
  const [attempt, setAttempt] = useState(nonce);
  const remind = useMutation({
    mutationFn: () => api.ding.remind({ id, nonce: attempt }),
    onSuccess: () => setAttempt(nonce()),
    onSettled: () => changed("ding"),
  });
  const callOff = useMutation({ mutationFn: () => api.ding.callOff({ id }), onSettled: () => changed("ding") });
  const open = ding?.isMine && ding.calledOffUnixMs === 0n && !ding.isRecalled && ding.confirmed < ding.total;
  return (
    <Dialog
      open onClose={onClose} title={t("ding.title")} description={ding ? where(ding, t) : undefined}
      actions={open ? (
        <>
          <Button busy={callOff.isPending} onClick={() => callOff.mutate()}>{t("ding.callOff")}</Button>
          <Button kind="primary" busy={remind.isPending} onClick={() => remind.mutate()}>{t("ding.remind", { count: ding.total - ding.confirmed })}</Button>
        </>
      ) : undefined}
    >
      {error ? <ErrorNote cause={error} /> : !ding ? <Waiting /> : (
        <div className={styles.form}>
          <blockquote ref={reachable} className={styles.quote} dir="auto">{ding.isRecalled ? t("ding.recalled") : ding.text || ding.fileName}</blockquote>
          {ding.calledOffUnixMs > 0n && <InfoNote>{t("ding.calledOff")}</InfoNote>}
          {remind.isSuccess && <InfoNote>{t("ding.reminded")}</InfoNote>}
          {(remind.error ?? callOff.error) && <ErrorNote cause={remind.error ?? callOff.error} />}
          <Groups ding={ding} />
        </div>
      )}
    </Dialog>
  );
}

function Groups({ ding }: { ding: Ding }) {
  const { t, i18n } = useTranslation();
  if (ding.verdict === DingVerdict.OVER_LIMIT || ding.verdict === DingVerdict.NOT_ALLOWED) return <InfoNote tone="warn">{t("ding.over")}</InfoNote>;
  return STATES.map((state) => {
    const people = ding.receipts.filter((receipt) => receipt.state === state);
    if (people.length === 0) return null;
    return (
      <section key={state} className={styles.group} aria-label={stateTitle(state, t)}>
        <h3>{stateTitle(state, t)}<span>{people.length}</span></h3>
        <ul>
          {people.map((receipt) => {
            const at = Number(state === DingState.CONFIRMED ? receipt.confirmedUnixMs : state === DingState.SEEN ? receipt.seenUnixMs : state === DingState.DELIVERED ? receipt.deliveredUnixMs : 0n);
            return (
              <li key={receipt.personId}>
                <Avatar id={receipt.personId} name={receipt.personName} size="xs" /><bdi>{receipt.personName}</bdi>{receipt.isExternal && <ExternalTag />}
                {at > 0 && <time dateTime={new Date(at).toISOString()}>{full(at, i18n.language)}</time>}
              </li>
            );
          })}
        </ul>
      </section>
    );
  });
}
