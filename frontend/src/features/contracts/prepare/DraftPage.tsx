import { ArrowLeft, Check, CircleAlert, EllipsisVertical, FileQuestion, Trash2 } from "lucide-react";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContractDraft } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useApi, useDraftRead, useRefreshContracts } from "../../../live";
import { Button, Confirm, Empty, ErrorNote, IconButton, Menu, Waiting } from "../../../ui";
import { usePdf } from "../usePdf";
import { FieldsStep } from "./FieldsStep";
import { PartiesStep } from "./PartiesStep";
import styles from "./prepare.module.css";
import { firstStep, type Step } from "./problems";
import { SendStep } from "./SendStep";
import { useDraft, type DraftEdit } from "./useDraft";

/** From a document to a contract that goes round: parties, fields, send. */
export function DraftPage({ ws, draft: id }: { ws: string; draft: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const { data, error } = useDraftRead(id);
  const first = useRef<ContractDraft>(undefined);
  first.current ??= data;
  if (!first.current) {
    return <main className={styles.page}>{error ? <Empty top icon={<FileQuestion />} title={t("contracts.prepare.unknownTitle")} action={<Button onClick={() => go.contracts(ws)}>{t("contracts.back")}</Button>}>{t("contracts.prepare.unknownText")}</Empty> : <Waiting />}</main>;
  }
  return <Steps ws={ws} read={first.current} />;
}

const STEPS = ["parties", "fields", "send"] as const;

function Steps({ ws, read }: { ws: string; read: ContractDraft }) {
  const { t } = useTranslation();
  const go = useGo();
  const edit = useDraft(read);
  const [step, setStep] = useState<Step>(() => firstStep(read));
  const [at, setAt] = useState<string | undefined>(undefined);
  const pdf = usePdf(`/documents/drafts/${read.id}`, read.sha256);
  const to = (next: Step, place?: string) => {
    setAt(place);
    setStep(next);
  };
  const { draft } = edit;
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <IconButton label={t("contracts.back")} onClick={() => go.contracts(ws)}><ArrowLeft /></IconButton>
        <div className={styles.title}>
          <h1><bdi>{draft.title || t("contracts.untitled")}</bdi></h1>
          <SaveNote edit={edit} />
        </div>
        <nav className={styles.steps} aria-label={t("contracts.prepare.steps")}>
          <ol>
            {STEPS.map((key, index) => (
              <li key={key}>
                <button type="button" className={styles.stepper} aria-current={step === key ? "step" : undefined} onClick={() => to(key)}>
                  <span aria-hidden>{isDone(draft, key) && step !== key ? <Check /> : index + 1}</span>{t(`contracts.prepare.${key}`)}
                </button>
              </li>
            ))}
          </ol>
        </nav>
        <DraftMenu ws={ws} draft={draft} />
      </header>
      {step === "parties" ? <PartiesStep ws={ws} edit={edit} onNext={() => to("fields")} />
        : step === "fields" ? <FieldsStep ws={ws} edit={edit} pdf={pdf} at={at} onNext={() => to("send")} onParties={() => to("parties")} />
          : <SendStep ws={ws} edit={edit} onStep={to} />}
    </main>
  );
}

function isDone(draft: ContractDraft, step: Step): boolean {
  if (step === "parties") return draft.parties.length > 0 && !draft.problems.some((problem) => problem === "no_signer");
  return step === "fields" && draft.fields.length > 0 && !draft.problems.some((problem) => problem.startsWith("party_without"));
}

function SaveNote({ edit }: { edit: DraftEdit }) {
  const { t } = useTranslation();
  return (
    <p className={styles.save} data-state={edit.state} role="status">
      {edit.state === "failed" ? <><CircleAlert aria-hidden />{t("contracts.prepare.saveFailed")} <Button kind="quiet" onClick={() => void edit.flush().catch(() => {})}>{t("action.retry")}</Button></>
        : edit.state === "saving" ? t("contracts.prepare.saving") : t("contracts.prepare.saved")}
    </p>
  );
}

function DraftMenu({ ws, draft }: { ws: string; draft: ContractDraft }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const refresh = useRefreshContracts();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.contracts.deleteDraft({ draftId: draft.id }),
    onSuccess: () => {
      refresh();
      go.contracts(ws);
    },
  });
  return (
    <>
      <Menu label={t("contracts.menu.title")} trigger={<IconButton label={t("contracts.menu.title")}><EllipsisVertical /></IconButton>} entries={[{ key: "delete", label: t("contracts.prepare.delete"), icon: <Trash2 aria-hidden />, danger: true, onSelect: () => setAsking(true) }]} />
      <Confirm open={asking} danger onClose={() => setAsking(false)} onConfirm={() => remove.mutate()} title={t("contracts.prepare.deleteTitle")} action={t("contracts.prepare.delete")} busy={remove.isPending} error={remove.error !== null && <ErrorNote cause={remove.error} />}>
        {t("contracts.prepare.deleteText")}
      </Confirm>
    </>
  );
}
