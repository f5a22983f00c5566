import { CircleCheck, Clock, KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ContractState, PartyState, type Contract } from "../../../api";
import { useGo } from "../../../lib/routes";
import { Button } from "../../../ui";
import { Hash } from "../contract/Timeline";
import { acts, hasActed, someNames, useSpeech } from "../words";
import styles from "./sign.module.css";

/** What really happened. A consent that waits is not called a signature. */
export function Result({ ws, contract }: { ws: string; contract: Contract }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const go = useGo();
  const me = contract.parties.find((party) => party.id === contract.myParty);
  const done = me?.state === PartyState.SIGNED || me?.state === PartyState.APPROVED;
  const complete = contract.state === ContractState.COMPLETED;
  const holder = contract.parties.find((party) => party.holds && !party.isMe);
  const approved = me?.state === PartyState.APPROVED;
  const left = contract.parties.filter((party) => acts(party) && !hasActed(party) && !party.isMe);
  const Icon = done ? CircleCheck : contract.queued === "key" ? KeyRound : Clock;
  const title = complete && done ? t("contracts.result.complete") : done ? (approved ? t("contracts.result.approved") : t("contracts.result.signed"))
    : contract.queued === "key" ? t("contracts.result.key") : t("contracts.result.queued");
  const text = complete && done ? t("contracts.result.completeText")
    : done ? left.length > 0 ? t(approved ? "contracts.result.approvedText" : "contracts.result.signedText", { names: someNames(left.map((party) => party.name), speech), count: left.length }) : approved ? t("contracts.result.approvedPlain") : t("contracts.result.signedPlain")
      : contract.queued === "key" ? t("contracts.result.keyText")
        : holder ? t("contracts.result.queuedText", { name: holder.name }) : t("contracts.result.queuedPlain");
  const last = contract.timeline.findLast((event) => event.kind === "signed" && event.party === contract.myParty);
  return (
    <section className={styles.result} data-done={done ? "" : undefined} role="status">
      <Icon aria-hidden />
      <h2>{title}</h2>
      <p>{text}</p>
      {done && last && <p className={styles.quiet}>{last.stampedUnixMs > 0n ? t("contracts.result.stamped") : t("contracts.result.unstamped")}</p>}
      {done && !approved && contract.currentSha256 !== "" && <Hash value={contract.currentSha256} />}
      {contract.unsent > 0n && <p className={styles.quiet}>{t("contracts.note.unsent", { count: Number(contract.unsent) })}</p>}
      <div className={styles.resultDeeds}><Button kind="primary" onClick={() => go.contract(ws, contract.id)}>{t("contracts.sign.toContract")}</Button><Button onClick={() => go.contracts(ws)}>{t("contracts.back")}</Button></div>
    </section>
  );
}
