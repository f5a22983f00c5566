import { useMutation } from "@tanstack/react-query";
import { ArrowRight, CircleAlert, Send } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PartyRole } from "../../../api";
import { useGo } from "../../../lib/routes";
import { size } from "../../../lib/size";
import { useApi, useRefreshContracts, useSeals } from "../../../live";
import { Button, ErrorNote, Field, InfoNote, Select, SwitchRow } from "../../../ui";
import { endOfDay, toDay } from "../dates";
import forms from "../forms.module.css";
import { acting } from "./order";
import styles from "./prepare.module.css";
import { problemWords, type Step } from "./problems";
import type { DraftEdit } from "./useDraft";
import { roleKey, useSpeech } from "../words";

const REMINDERS = ["0", "1", "2", "3", "7"] as const;

/** The words that go with it, the terms, and what sending means. */
export function SendStep({ ws, edit, onStep }: { ws: string; edit: DraftEdit; onStep: (step: Step, at?: string) => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const refresh = useRefreshContracts();
  const { draft, change, flush } = edit;
  const [withCode, setWithCode] = useState(false);
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const seals = useSeals(ws).data?.seals.filter((seal) => seal.canUse && seal.state === "valid" && seal.keyState === "valid") ?? [];
  const straddles = draft.straddleSealId !== "";
  const send = useMutation({
    mutationFn: async () => {
      await flush();
      return api.contracts.sendDraft({ draftId: draft.id, accessCode: withCode ? code : "", keyPassword: straddles ? password : "" });
    },
    onSuccess: refresh,
  });
  // Sealing and trusted time take a while: who has gone elsewhere meanwhile is not fetched back.
  const submit = () => send.mutate(undefined, { onSuccess: (contract) => go.contract(ws, contract.id) });
  const ready = draft.problems.length === 0 && edit.state !== "failed" && (!withCode || code.length >= 6) && (!straddles || password !== "");
  return (
    <div className={styles.body}>
      <div className={styles.send}>
        <section className={forms.form} aria-label={t("contracts.prepare.send")}>
          <Field label={t("contracts.send.title")} value={draft.title} maxLength={200} onChange={(event) => change({ title: event.target.value })} />
          <div className={forms.field}>
            <label htmlFor="contract-message">{t("contracts.send.message")}</label>
            <textarea id="contract-message" className={forms.area} rows={3} maxLength={4000} value={draft.message} onChange={(event) => change({ message: event.target.value })} placeholder={t("contracts.send.messageHint")} />
          </div>
          <div className={forms.pair}>
            <Field type="date" label={t("contracts.send.deadline")} hint={t("contracts.send.deadlineHint")} value={toDay(draft.deadlineUnixMs)} min={toDay(BigInt(Date.now()))} onChange={(event) => change({ deadlineUnixMs: endOfDay(event.target.value) })} />
            <div className={forms.field}>
              <span className={forms.legend}>{t("contracts.send.remind")}</span>
              <Select label={t("contracts.send.remind")} value={REMINDERS.find((one) => Number(one) === draft.remindDays) ?? "0"} options={REMINDERS.map((days) => ({ value: days, label: days === "0" ? t("contracts.send.remindNever") : t("contracts.send.remindDays", { count: Number(days) }) }))} onChange={(days) => change({ remindDays: Number(days) })} />
            </div>
          </div>
          <SwitchRow label={t("contracts.send.code")} hint={t("contracts.send.codeHint")} checked={withCode} onChange={setWithCode} />
          {withCode && <Field label={t("contracts.send.codeLabel")} value={code} onChange={(event) => setCode(event.target.value)} error={code !== "" && code.length < 6 ? t("contracts.send.codeShort") : undefined} hint={t("contracts.send.codeTell")} />}
          {(seals.length > 0 || straddles) && (
            <>
              <div className={forms.field}>
                <span className={forms.legend}>{t("contracts.send.straddle")}</span>
                <Select label={t("contracts.send.straddle")} value={straddles ? draft.straddleSealId : "none"} options={[{ value: "none", label: t("contracts.send.straddleNone") }, ...seals.map((seal) => ({ value: seal.id, label: seal.name }))]} onChange={(seal) => change({ straddleSealId: seal === "none" ? "" : seal })} />
                <p className={forms.hint}>{t("contracts.send.straddleHint")}</p>
              </div>
              {straddles && <Field type="password" label={t("contracts.send.straddlePassword")} value={password} onChange={(event) => setPassword(event.target.value)} />}
            </>
          )}
        </section>
        <Summary edit={edit} onStep={onStep} />
      </div>
      <footer className={styles.foot}>
        {send.error !== null && <ErrorNote cause={send.error} />}
        <Button kind="primary" size="lg" icon={<Send aria-hidden />} disabled={!ready} busy={send.isPending} onClick={submit}>{t("contracts.send.do")}</Button>
      </footer>
    </div>
  );
}

function Summary({ edit: { draft }, onStep }: { edit: DraftEdit; onStep: (step: Step, at?: string) => void }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const steps = [...new Set(draft.parties.filter(acting).map((party) => party.step))];
  const problems = draft.problems.map((problem) => problemWords(problem, draft.parties, speech));
  return (
    <section className={styles.summary} aria-label={t("contracts.send.summary")}>
      <h2>{t("contracts.send.summary")}</h2>
      <p className={styles.doc}>{draft.documentName} · {t("contracts.send.pages", { count: draft.pages })} · {size(Number(draft.size))}</p>
      <ol className={styles.goes}>
        {steps.map((step) => (
          <li key={step}>{draft.parties.filter((party) => acting(party) && party.step === step).map((party) => (
            <span key={party.id}><b><bdi>{party.name}</bdi></b> {[party.label, t(`contracts.role.${roleKey(party.role)}`), party.role === PartyRole.SIGNER ? t("contracts.fields.count", { count: draft.fields.filter((field) => field.party === party.id).length }) : ""].filter((word) => word !== "").join(" · ")}</span>
          ))}</li>
        ))}
      </ol>
      {draft.parties.some((party) => !acting(party)) && <p className={styles.doc}>{draft.parties.filter((party) => !acting(party)).map((party) => `${party.name} (${t(`contracts.role.${roleKey(party.role)}`)})`).join(speech.language === "zh" ? "、" : ", ")}</p>}
      {problems.length > 0 && (
        <div className={styles.problems} role="status">
          <h3>{t("contracts.send.left")}</h3>
          <ul>{problems.map((said, index) => <li key={index}><button type="button" onClick={() => onStep(said.step, said.at)}><CircleAlert aria-hidden /><span>{said.text}</span>{said.step !== "send" && <ArrowRight aria-hidden />}</button></li>)}</ul>
        </div>
      )}
      <InfoNote>{t("contracts.send.frozen")}</InfoNote>
    </section>
  );
}
