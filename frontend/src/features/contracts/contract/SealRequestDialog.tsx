import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Contract, type SealRequest } from "../../../api";
import { useApi, useSeals, useShowContract } from "../../../live";
import { Button, CheckRow, Dialog, ErrorNote, Field, InfoNote } from "../../../ui";
import styles from "../forms.module.css";
import { SealPicture } from "../seals/SealPicture";

/** The holder decides about one impression, with the document in view behind. */
export function SealRequestDialog({ contract, request, onClose }: { contract: Contract; request: SealRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowContract();
  const seal = useSeals(contract.workspaceId).data?.seals.find((one) => one.id === request.sealId);
  const field = contract.fields.find((one) => one.id === request.fieldId);
  const [password, setPassword] = useState("");
  const [reason, setReason] = useState("");
  const [refusing, setRefusing] = useState(false);
  const [untimed, setUntimed] = useState(false);
  const done = (answer: Contract) => {
    show(answer);
    onClose();
  };
  const approve = useMutation({ mutationFn: () => api.contracts.approveSeal({ contractId: contract.id, requestId: request.id, keyPassword: password, withoutTrustedTime: untimed }), onSuccess: done });
  const refuse = useMutation({ mutationFn: () => api.contracts.refuseSeal({ contractId: contract.id, requestId: request.id, reason }), onSuccess: done });
  const error = refusing ? refuse.error : approve.error;
  const timeless = problemOf(error).code === "time_unreachable";
  return (
    <Dialog
      open onClose={onClose} title={t("contracts.sealRequest.title", { seal: request.sealName })} description={t("contracts.sealRequest.text", { name: request.askerName, page: field?.page ?? 1 })}
      actions={refusing
        ? <><Button onClick={() => setRefusing(false)}>{t("action.back")}</Button><Button kind="danger" busy={refuse.isPending} onClick={() => refuse.mutate()}>{t("contracts.sealRequest.refuse")}</Button></>
        : <><Button onClick={() => setRefusing(true)}>{t("contracts.sealRequest.refuse")}</Button><Button kind="primary" busy={approve.isPending} disabled={password === "" || !contract.documentHere} onClick={() => approve.mutate()}>{t("contracts.sealRequest.approve")}</Button></>}
    >
      <div className={styles.form}>
        {refusing ? <Field autoFocus label={t("contracts.reason")} value={reason} onChange={(event) => setReason(event.target.value)} /> : (
          <>
            <SealPicture seal={seal} size={140} />
            {!contract.documentHere && <InfoNote tone="warn">{t("contracts.sealRequest.notHere")}</InfoNote>}
            <Field autoFocus type="password" label={t("contracts.sealRequest.password")} hint={t("contracts.sealRequest.once")} value={password} onChange={(event) => setPassword(event.target.value)} />
            {timeless && <CheckRow label={t("contracts.sign.untimed")} checked={untimed} onChange={setUntimed} />}
          </>
        )}
        {error !== null && <ErrorNote cause={error} />}
      </div>
    </Dialog>
  );
}
