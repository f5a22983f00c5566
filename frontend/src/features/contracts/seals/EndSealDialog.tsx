import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Seal } from "../../../api";
import { useApi, useAuthority, useRefreshSeals } from "../../../live";
import { Button, Confirm, Dialog, ErrorNote, Field } from "../../../ui";
import forms from "../forms.module.css";

/** Ends a seal of the workspace for good. */
export function EndSealDialog({ ws, seal, state, onClose }: { ws: string; seal: Seal; state: "lost" | "revoked"; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const refresh = useRefreshSeals(ws);
  // Who has the root revokes the certificates at once; else whoever has it is told.
  const root = useAuthority(ws).data?.haveRoot === true;
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
        {root ? <Field type="password" autoComplete="off" label={t("contracts.authority.password")} hint={t("contracts.seals.endNow")} value={password} onChange={(event) => setPassword(event.target.value)} /> : <p className={forms.hint}>{t("contracts.seals.endLater")}</p>}
        {end.error !== null && <ErrorNote cause={end.error} />}
      </div>
    </Dialog>
  );
}

/** A personal seal is on this device alone; nothing has to be revoked. */
export function RemoveQuestion({ ws, seal, onClose }: { ws: string; seal: Seal; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const refresh = useRefreshSeals(ws);
  const remove = useMutation({
    mutationFn: () => api.seals.endSeal({ workspaceId: ws, sealId: seal.id, state: "revoked" }),
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  return (
    <Confirm open danger onClose={onClose} onConfirm={() => remove.mutate()} title={t("contracts.seals.removeTitle", { name: seal.name })} action={t("contracts.seals.remove")} busy={remove.isPending} error={remove.error !== null && <ErrorNote cause={remove.error} />}>
      {t("contracts.seals.removeText")}
    </Confirm>
  );
}
