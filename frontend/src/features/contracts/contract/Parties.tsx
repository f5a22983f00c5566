import { useMutation } from "@tanstack/react-query";
import { BellRing, EllipsisVertical, Link2, UserRoundPen } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, PartyState, type Contract, type Party } from "../../../api";
import { useApi, useRuntime, useShowContract } from "../../../live";
import { Avatar, CopyButton, Dialog, ErrorNote, Field, IconButton, Menu, type MenuEntry } from "../../../ui";
import forms from "../forms.module.css";
import { TONE_ICONS } from "../list/ContractRow";
import { acts, hasActed, moment, partyWords, roleKey, useSpeech } from "../words";
import styles from "./contract.module.css";
import { ReassignDialog } from "./ReassignDialog";

/** Who acts in which step, and how far each of them is. */
export function Parties({ ws, contract }: { ws: string; contract: Contract }) {
  const { t } = useTranslation();
  const steps = [...new Set(contract.parties.filter(acts).map((party) => party.step))].sort((a, b) => a - b);
  const others = contract.parties.filter((party) => !acts(party));
  return (
    <div className={styles.block}>
      <h3>{t("contracts.side.parties")}</h3>
      {steps.map((step, index) => {
        const inStep = contract.parties.filter((party) => acts(party) && party.step === step);
        return (
          <div key={step} className={styles.step}>
            {steps.length > 1 && <small>{inStep.length > 1 ? t("contracts.side.stepTogether", { step: index + 1 }) : t("contracts.side.step", { step: index + 1 })}</small>}
            {inStep.map((party) => <PartyRow key={party.id} ws={ws} contract={contract} party={party} />)}
          </div>
        );
      })}
      {others.length > 0 && <div className={styles.step}><small>{t("contracts.side.others")}</small>{others.map((party) => <PartyRow key={party.id} ws={ws} contract={contract} party={party} />)}</div>}
    </div>
  );
}

function PartyRow({ ws, contract, party }: { ws: string; contract: Contract; party: Party }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const said = partyWords(party, speech);
  const Icon = TONE_ICONS[said.tone];
  const [reassigning, setReassigning] = useState(false);
  const [inviting, setInviting] = useState(false);
  const api = useApi();
  const show = useShowContract();
  const remind = useMutation({ mutationFn: () => api.contracts.remindParty({ contractId: contract.id, party: party.id }), onSuccess: show });
  const open = contract.state === ContractState.RUNNING || contract.state === ContractState.DECLINED;
  const entries: MenuEntry[] = [];
  if (open && contract.isSender && acts(party) && !hasActed(party) && !party.isMe && party.state !== PartyState.LATER) {
    entries.push({ key: "remind", label: t("contracts.party.remind"), icon: <BellRing aria-hidden />, onSelect: () => remind.mutate() });
  }
  if (open && acts(party) && !hasActed(party) && (contract.isSender || party.isMe)) {
    entries.push({ key: "reassign", label: party.isMe ? t("contracts.party.delegate") : t("contracts.party.replace"), icon: <UserRoundPen aria-hidden />, onSelect: () => setReassigning(true) });
  }
  if (open && contract.isSender && party.external && party.personId === "") {
    entries.push({ key: "invite", label: t("contracts.party.invite"), icon: <Link2 aria-hidden />, onSelect: () => setInviting(true) });
  }
  return (
    <div className={styles.party}>
      <Avatar id={party.personId || String(party.id)} name={party.name} size="sm" />
      <div>
        <b><bdi>{party.name}</bdi></b>
        <em>{[party.label, t(`contracts.role.${roleKey(party.role)}`), party.isMe ? t("contracts.party.me") : ""].filter((word) => word !== "").join(" · ")}</em>
        <p><Icon aria-hidden /><span>{said.text}{party.actedUnixMs > 0n && ` · ${moment(party.actedUnixMs, speech.language)}`}</span></p>
        {party.reason !== "" && <q>{party.reason}</q>}
        {remind.isSuccess && <small className={styles.quiet} role="status">{t("contracts.party.reminded")}</small>}
        {remind.error !== null && <ErrorNote cause={remind.error} />}
      </div>
      {entries.length > 0 && <Menu label={t("contracts.party.menu", { name: party.name })} trigger={<IconButton label={t("contracts.party.menu", { name: party.name })}><EllipsisVertical /></IconButton>} entries={entries} />}
      {reassigning && <ReassignDialog ws={ws} contract={contract} party={party} onClose={() => setReassigning(false)} />}
      {inviting && <InviteDialog contract={contract} party={party} onClose={() => setInviting(false)} />}
    </div>
  );
}

/** The link is shown once: whoever has it is that party. */
function InviteDialog({ contract, party, onClose }: { contract: Contract; party: Party; onClose: () => void }) {
  const { t } = useTranslation();
  const { language } = useSpeech();
  const api = useApi();
  const runtime = useRuntime();
  const invite = useMutation({ mutationFn: () => api.contracts.inviteParty({ contractId: contract.id, party: party.id }) });
  if (invite.isIdle) invite.mutate();
  return (
    <Dialog open onClose={onClose} title={t("contracts.invite.title", { name: party.name })} description={t("contracts.invite.text")} actions={invite.data && <CopyButton primary text={invite.data.link} copy={runtime.copyText} />}>
      <div className={forms.form}>
        {invite.data && <Field readOnly label={t("contracts.invite.link")} value={invite.data.link} hint={t("contracts.invite.until", { time: moment(invite.data.expiresUnixMs, language) })} onFocus={(event) => event.target.select()} />}
        {invite.error !== null && <ErrorNote cause={invite.error} onRetry={() => invite.mutate()} />}
      </div>
    </Dialog>
  );
}
