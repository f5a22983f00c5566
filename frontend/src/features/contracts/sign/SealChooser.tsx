import { useMutation } from "@tanstack/react-query";
import { Hand } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Contract, ContractField, Seal } from "../../../api";
import { joinNames } from "../../../lib/names";
import { useApi, useSeals, useShowContract } from "../../../live";
import { Button, Dialog, ErrorNote, Field, Waiting } from "../../../ui";
import forms from "../forms.module.css";
import { SealPicture } from "../seals/SealPicture";
import styles from "./sign.module.css";

/** Which seal; where one may not use it, its holder is asked. */
export function SealChooser({ ws, contract, field, onClose, onSeal }: { ws: string; contract: Contract; field: ContractField; onClose: () => void; onSeal: (seal: Seal) => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const show = useShowContract();
  const { data, error } = useSeals(ws);
  const [asking, setAsking] = useState<Seal | null>(null);
  const [reason, setReason] = useState("");
  const ask = useMutation({
    mutationFn: (seal: Seal) => api.contracts.askSeal({ contractId: contract.id, fieldId: field.id, sealId: seal.id, reason }),
    onSuccess: (answer) => {
      show(answer);
      onClose();
    },
  });
  const seals = data?.seals.filter((seal) => seal.state === "valid" && (field.sealId === "" || seal.id === field.sealId)) ?? [];
  if (asking) {
    return (
      <Dialog
        open onClose={onClose} title={t("contracts.seal.askTitle", { seal: asking.name })} description={t("contracts.seal.askText", { names: joinNames(asking.holders, i18n.language) })}
        actions={<><Button onClick={() => setAsking(null)}>{t("action.back")}</Button><Button kind="primary" busy={ask.isPending} onClick={() => ask.mutate(asking)}>{t("contracts.seal.ask")}</Button></>}
      >
        <div className={forms.form}>
          <Field autoFocus label={t("contracts.seal.reason")} value={reason} maxLength={300} onChange={(event) => setReason(event.target.value)} />
          {ask.error !== null && <ErrorNote cause={ask.error} />}
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} size="lg" title={t("contracts.seal.choose")} description={t("contracts.seal.chooseText")}>
      {error && !data ? <ErrorNote cause={error} /> : !data ? <Waiting /> : seals.length === 0 ? <p className={forms.quiet}>{t("contracts.seal.none")}</p> : (
        <div className={styles.seals}>
          {seals.map((seal) => {
            const mine = seal.canUse && seal.keyState === "valid";
            return (
              <button key={seal.id} type="button" className={styles.seal} disabled={!mine && seal.holders.length === 0} onClick={() => {
                if (!mine) return setAsking(seal);
                onSeal(seal);
                onClose();
              }}>
                <SealPicture seal={seal} size={92} />
                <b><bdi>{seal.name}</bdi></b>
                <small>{mine ? t("contracts.seal.mine") : seal.canUse ? t("contracts.seal.noKey") : seal.holders.length > 0 ? <><Hand aria-hidden />{t("contracts.seal.askWhom", { names: joinNames(seal.holders, i18n.language) })}</> : t("contracts.seal.nobody")}</small>
              </button>
            );
          })}
        </div>
      )}
    </Dialog>
  );
}
