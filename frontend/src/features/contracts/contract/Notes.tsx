import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, PartyRole, PartyState, type Contract, type SealRequest } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useApi, useShowContract } from "../../../live";
import { Button, ErrorNote, InfoNote, useSentence } from "../../../ui";
import { moment, useSpeech } from "../words";
import { DeadlineDialog } from "./ContractMenu";
import { ReassignDialog } from "./ReassignDialog";
import { SealRequestDialog } from "./SealRequestDialog";
import styles from "./contract.module.css";

/** What somebody should know about a contract now, with what can be done. */
export function Notes({ ws, contract }: { ws: string; contract: Contract }) {
  const { t } = useTranslation();
  const go = useGo();
  const declined = contract.parties.find((party) => party.state === PartyState.DECLINED);
  const [replacing, setReplacing] = useState(false);
  const [moving, setMoving] = useState(false);
  const speech = useSpeech();
  const running = contract.state === ContractState.RUNNING;
  const voided = contract.timeline.findLast((event) => event.kind === "voided" && !event.void);
  // As long as it is still to be done.
  const reminded = contract.canSign || contract.canApprove ? contract.timeline.findLast((event) => event.kind === "reminded" && event.party === contract.myParty) : undefined;
  const notes = [
    ...(contract.queued !== "" ? [<Queued key="queued" ws={ws} contract={contract} />] : []),
    ...contract.sealRequests.map((request) => <AskedSeal key={request.id} contract={contract} request={request} />),
    ...(contract.state === ContractState.DECLINED && declined ? [
      <InfoNote key="declined" tone="warn">
        {t(declined.role === PartyRole.APPROVER ? "contracts.note.sentBack" : "contracts.note.declined", { name: declined.name, reason: declined.reason || t("contracts.note.noReason") })}
        {contract.isSender && <> <Button kind="quiet" onClick={() => setReplacing(true)}>{t("contracts.note.replace")}</Button></>}
      </InfoNote>,
    ] : []),
    ...(contract.state === ContractState.VOIDED && voided ? [<InfoNote key="voided">{t("contracts.note.voided", { name: voided.personName, reason: voided.note || t("contracts.note.noReason") })}</InfoNote>] : []),
    ...(contract.state === ContractState.EXPIRED ? [
      <InfoNote key="expired" tone="warn">
        {contract.isSender ? t("contracts.note.expiredMine") : t("contracts.note.expired", { name: contract.senderName })}
        {contract.isSender && <> <Button kind="quiet" onClick={() => setMoving(true)}>{t("contracts.menu.deadline")}</Button></>}
      </InfoNote>,
    ] : []),
    ...(reminded ? [<InfoNote key="reminded">{t("contracts.note.reminded", { name: reminded.personName, time: moment(reminded.unixMs, speech.language) })}</InfoNote>] : []),
    ...(running && contract.unsent > 0n ? [<InfoNote key="unsent">{t("contracts.note.unsent", { count: Number(contract.unsent) })}</InfoNote>] : []),
    ...((contract.evidence?.forked.length ?? 0) > 0 ? [<InfoNote key="forked" tone="warn">{t("contracts.note.forked", { names: contract.evidence!.forked.join(", ") })}</InfoNote>] : []),
    ...(running && contract.message !== "" && !contract.isSender ? [<InfoNote key="message"><b>{contract.senderName}</b> {contract.message}</InfoNote>] : []),
  ];
  if (notes.length === 0) return null;
  return (
    <div className={styles.notes}>
      {notes}
      {moving && <DeadlineDialog contract={contract} onClose={() => setMoving(false)} />}
      {replacing && declined && <ReassignDialog ws={ws} contract={contract} party={declined} onClose={() => setReplacing(false)} onDone={() => go.contract(ws, contract.id)} />}
    </div>
  );
}

/** A consent is no signature yet, and does not read like one. */
function Queued({ ws, contract }: { ws: string; contract: Contract }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const show = useShowContract();
  const withdraw = useMutation({ mutationFn: () => api.contracts.withdrawConsent({ contractId: contract.id }), onSuccess: show });
  const sentence = useSentence();
  const holder = contract.parties.find((party) => party.holds);
  const text = contract.queued === "key" ? contract.queuedProblem !== "" ? t("contracts.note.failed", { why: sentence({ code: contract.queuedProblem, params: {} }) }) : t("contracts.note.needsKey")
    : contract.queued === "time" ? t("contracts.note.needsTime")
    : contract.queued === "document" ? t("contracts.note.needsDocument")
      : holder && !holder.isMe ? t(holder.reachable ? "contracts.note.needsTurn" : "contracts.note.needsTurnAway", { name: holder.name }) : t("contracts.note.needsTurnPlain");
  return (
    <>
      <InfoNote tone={contract.canSign ? "warn" : "info"}>
        {text}{" "}
        {contract.canSign && <Button kind="quiet" onClick={() => go.contract(ws, contract.id, { act: "sign" })}>{contract.queued === "time" ? t("contracts.note.decide") : t("contracts.note.unlock")}</Button>}
        <Button kind="quiet" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>{t("contracts.note.withdraw")}</Button>
      </InfoNote>
      {withdraw.error !== null && <ErrorNote cause={withdraw.error} />}
    </>
  );
}

function AskedSeal({ contract, request }: { contract: Contract; request: SealRequest }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <InfoNote tone="warn">
        {t("contracts.note.sealAsked", { name: request.askerName, seal: request.sealName })}{request.reason !== "" && ` ${t("contracts.note.reason", { reason: request.reason })}`}{" "}
        <Button kind="quiet" onClick={() => setOpen(true)}>{t("contracts.note.decide")}</Button>
      </InfoNote>
      {open && <SealRequestDialog contract={contract} request={request} onClose={() => setOpen(false)} />}
    </>
  );
}
