import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Seal } from "../../../api";
import { useApi, useAuthority, useRefreshSeals } from "../../../live";
import { Button, Dialog, ErrorNote, Field } from "../../../ui";
import forms from "../forms.module.css";

export function EndSealDialog({ ws, seal, state, onClose }: { ws: string; seal: Seal; state: "lost" | "revoked"; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const refresh = useRefreshSeals(ws);
  // Who has the root revokes the certificates at once; else whoever has it is told.
  const root = useAuthority(ws).data?.haveRoot === true && !seal.personal;
  const [password, setPassword] = useState("");
  const [reason, setReason] = useState("");
  const end = useMutation({
    mutationFn: () => api.seals.endSeal({ workspaceId: ws, sealId: seal.id, state, reason, password }),
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  return (
    <Dialog
      open onClose={onClose} title={t(`contracts.seals.${state}Title`, { name: seal.name })} description={t("contracts.seals.endText")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="danger" busy={end.isPending} onClick={() => end.mutate()}>{t(`contracts.seals.${state}Do`)}</Button></>}
    >
      <div className={forms.form}>
        <Field autoFocus label={t("contracts.reason")} value={reason} maxLength={300} onChange={(event) => setReason(event.target.value)} />
        {root ? <Field type="password" autoComplete="off" label={t("contracts.authority.password")} hint={t("contracts.seals.endNow")} value={password} onChange={(event) => setPassword(event.target.value)} /> : !seal.personal && <p className={forms.hint}>{t("contracts.seals.endLater")}</p>}
        {end.error !== null && <ErrorNote cause={end.error} />}
      </div>
    </Dialog>
  );
}
