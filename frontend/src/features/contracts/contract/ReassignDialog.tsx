import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Contract, Party } from "../../../api";
import { useApi, useMemberPicker, useShowContract } from "../../../live";
import { Button, Dialog, ErrorNote, Field, PeoplePicker } from "../../../ui";
import styles from "../forms.module.css";

/** Somebody else takes over a part: the party hands it on, or the sender replaces it. */
export function ReassignDialog({ ws, contract, party, onClose, onDone }: { ws: string; contract: Contract; party: Party; onClose: () => void; onDone?: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowContract();
  // The sender, too, may take the part of somebody who declined.
  const picker = useMemberPicker(ws, { without: contract.parties.map((one) => one.personId).filter((id) => id !== ""), withMe: contract.isSender && !party.isMe });
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const person = [...picked][0] ?? "";
  const reassign = useMutation({
    mutationFn: () => api.contracts.reassignParty({ contractId: contract.id, party: party.id, personId: person, reason }),
    onSuccess: (answer) => {
      show(answer);
      onClose();
      onDone?.();
    },
  });
  const pick = (next: ReadonlySet<string>) => setPicked(new Set([...next].filter((id) => !picked.has(id)).slice(0, 1)));
  return (
    <Dialog
      open onClose={onClose} title={party.isMe ? t("contracts.reassign.mine") : t("contracts.reassign.other", { name: party.name })} description={t("contracts.reassign.text")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" disabled={person === ""} busy={reassign.isPending} onClick={() => reassign.mutate()}>{t("contracts.reassign.do")}</Button></>}
    >
      <div className={styles.form}>
        <PeoplePicker {...picker} picked={picked} onPicked={pick} />
        <Field label={t("contracts.reason")} value={reason} onChange={(event) => setReason(event.target.value)} />
        {reassign.error !== null && <ErrorNote cause={reassign.error} />}
      </div>
    </Dialog>
  );
}
