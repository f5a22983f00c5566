import { useMutation } from "@tanstack/react-query";
import { Ban, CalendarClock, Copy, EllipsisVertical, ThumbsDown, Trash2, UserRoundPen } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, type Contract } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useApi, useRefreshContracts, useShowContract } from "../../../live";
import { Button, Confirm, Dialog, ErrorNote, Field, IconButton, Menu, type MenuEntry } from "../../../ui";
import { endOfDay, toDay } from "../dates";
import styles from "../forms.module.css";
import { ReassignDialog } from "./ReassignDialog";

type Task = "decline" | "void" | "deadline" | "delegate" | "delete";

/** The rarer deeds, each asked once with what it means. */
export function ContractMenu({ ws, contract }: { ws: string; contract: Contract }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const refresh = useRefreshContracts();
  const [task, setTask] = useState<Task | null>(null);
  const close = () => setTask(null);
  const again = useMutation({
    mutationFn: () => api.contracts.draftFromContract({ contractId: contract.id }),
    onSuccess: (draft) => {
      refresh();
      go.draft(ws, draft.id);
    },
  });
  const running = contract.state === ContractState.RUNNING || contract.state === ContractState.DECLINED;
  const mine = contract.parties.find((party) => party.id === contract.myParty);
  const acting = contract.canSign || contract.canApprove;
  const entries: MenuEntry[] = [];
  if (acting) entries.push({ key: "decline", label: t(contract.canApprove ? "contracts.menu.sendBack" : "contracts.menu.decline"), icon: <ThumbsDown aria-hidden />, onSelect: () => setTask("decline") });
  if (acting && mine) entries.push({ key: "delegate", label: t("contracts.menu.delegate"), icon: <UserRoundPen aria-hidden />, onSelect: () => setTask("delegate") });
  // One that has passed can be moved, too: the contract goes on then.
  if ((running || contract.state === ContractState.EXPIRED) && contract.isSender) entries.push({ key: "deadline", label: t("contracts.menu.deadline"), icon: <CalendarClock aria-hidden />, onSelect: () => setTask("deadline") });
  entries.push({ key: "again", label: t("contracts.menu.again"), note: t("contracts.menu.againNote"), icon: <Copy aria-hidden />, onSelect: () => again.mutate() });
  if (contract.canVoid) entries.push({ key: "void", label: t("contracts.menu.void"), icon: <Ban aria-hidden />, danger: true, divided: true, onSelect: () => setTask("void") });
  if (!running) entries.push({ key: "delete", label: t("contracts.menu.delete"), icon: <Trash2 aria-hidden />, danger: true, divided: true, onSelect: () => setTask("delete") });
  return (
    <>
      <Menu label={t("contracts.menu.title")} trigger={<IconButton label={t("contracts.menu.title")}><EllipsisVertical /></IconButton>} entries={entries} />
      {(task === "decline" || task === "void") && <ReasonDialog contract={contract} task={task} onClose={close} />}
      {task === "deadline" && <DeadlineDialog contract={contract} onClose={close} />}
      {task === "delegate" && mine && <ReassignDialog ws={ws} contract={contract} party={mine} onClose={close} />}
      {task === "delete" && <DeleteQuestion ws={ws} contract={contract} onClose={close} />}
    </>
  );
}

export function ReasonDialog({ contract, task, onClose, onDone }: { contract: Contract; task: "decline" | "void"; onClose: () => void; onDone?: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowContract();
  const [reason, setReason] = useState("");
  const run = useMutation({
    mutationFn: () => (task === "decline" ? api.contracts.declineContract : api.contracts.voidContract)({ contractId: contract.id, reason }),
    onSuccess: (answer) => {
      show(answer);
      onClose();
      onDone?.();
    },
  });
  // Who approves signs nothing, so nothing is refused to be signed: it goes back to its sender.
  const words = task === "decline" && contract.canApprove ? "sendBack" : task;
  return (
    <Dialog
      open onClose={onClose} title={t(`contracts.${words}.title`)} description={t(`contracts.${words}.text`)}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="danger" busy={run.isPending} disabled={reason.trim() === ""} onClick={() => run.mutate()}>{t(`contracts.${words}.do`)}</Button></>}
    >
      <div className={styles.form}>
        <div className={styles.field}>
          <label htmlFor="contract-reason">{t("contracts.reasonFor")}</label>
          <textarea id="contract-reason" className={styles.area} rows={3} maxLength={1000} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />
        </div>
        {run.error !== null && <ErrorNote cause={run.error} />}
      </div>
    </Dialog>
  );
}

export function DeadlineDialog({ contract, onClose }: { contract: Contract; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowContract();
  const [day, setDay] = useState(toDay(contract.deadlineUnixMs));
  const set = useMutation({
    mutationFn: () => api.contracts.setContractDeadline({ contractId: contract.id, deadlineUnixMs: endOfDay(day) }),
    onSuccess: (answer) => {
      show(answer);
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={t("contracts.menu.deadline")} size="sm" actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" busy={set.isPending} onClick={() => set.mutate()}>{t("action.save")}</Button></>}>
      <div className={styles.form}>
        <Field autoFocus type="date" label={t("contracts.send.deadline")} hint={t("contracts.send.deadlineHint")} value={day} min={toDay(BigInt(Date.now()))} onChange={(event) => setDay(event.target.value)} />
        {set.error !== null && <ErrorNote cause={set.error} />}
      </div>
    </Dialog>
  );
}

function DeleteQuestion({ ws, contract, onClose }: { ws: string; contract: Contract; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const refresh = useRefreshContracts();
  const remove = useMutation({
    mutationFn: () => api.contracts.deleteContract({ contractId: contract.id }),
    onSuccess: () => {
      refresh();
      go.contracts(ws);
    },
  });
  return (
    <Confirm open danger onClose={onClose} onConfirm={() => remove.mutate()} title={t("contracts.delete.title", { title: contract.title })} action={t("contracts.delete.do")} busy={remove.isPending} error={remove.error !== null && <ErrorNote cause={remove.error} />}>
      {t("contracts.delete.text")}
    </Confirm>
  );
}
