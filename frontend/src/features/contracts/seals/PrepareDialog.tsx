import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Seal } from "../../../api";
import { useApi, useRefreshSeals } from "../../../live";
import { Button, Dialog, ErrorNote } from "../../../ui";
import { NewPassword } from "../certificates/NewPassword";
import forms from "../forms.module.css";

/** A key of this device for one seal. */
export function PrepareDialog({ ws, seal, onClose }: { ws: string; seal: Seal; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const refresh = useRefreshSeals(ws);
  const [password, setPassword] = useState("");
  const prepare = useMutation({
    mutationFn: () => api.seals.prepareSealKey({ workspaceId: ws, sealId: seal.id, password }),
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password !== "" && !prepare.isPending) prepare.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} title={t("contracts.seals.prepareTitle", { name: seal.name })} description={t("contracts.seals.prepareText")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="prepare-seal" disabled={password === ""} busy={prepare.isPending}>{t("contracts.seals.prepare")}</Button></>}
    >
      <form id="prepare-seal" className={forms.form} onSubmit={submit}>
        <NewPassword onPassword={setPassword} />
        {prepare.error !== null && <ErrorNote cause={prepare.error} />}
      </form>
    </Dialog>
  );
}
