import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FieldType, problemOf, type Contract, type ContractField } from "../../../api";
import { useTimeAuthority } from "../../../live";
import { Button, CheckRow, ErrorNote, Field, InfoNote, useSentence } from "../../../ui";
import { Consent } from "./Consent";
import { KeyChoice, type ChosenKey } from "./KeyChoice";
import styles from "./sign.module.css";
import { isTimeless, useSign, type Filling } from "./useFilling";

/** Beside the document: what one agrees to, with which key, and the one button. */
export function SignPanel({ ws, contract, filling, ready, onVisit, onSigned, onDecline }: {
  ws: string;
  contract: Contract;
  filling: Filling;
  ready: boolean;
  onVisit: (field: ContractField) => void;
  onSigned: (answer: Contract) => void;
  onDecline: () => void;
}) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const time = useTimeAuthority().data;
  // A consent that stands, and a key that was locked again: nothing new is agreed to.
  const again = contract.queued === "key" || contract.queued === "time";
  const [agreed, setAgreed] = useState(again);
  const [key, setKey] = useState<ChosenKey>({ id: "", password: "" });
  const [sealPasswords, setSealPasswords] = useState<Readonly<Record<string, string>>>({});
  const [untimed, setUntimed] = useState(false);
  const noAuthority = time !== undefined && time.url === "";
  const sign = useSign(contract, filling, key, sealPasswords, untimed || noAuthority, onSigned);
  // Each seal has a key of its own.
  const seals = [...new Map([...filling.seals.values()].map((seal) => [seal.id, seal])).values()];
  const problem = sign.error === null ? null : problemOf(sign.error);
  const timeless = isTimeless(sign.error) || contract.queued === "time";
  const wrong = problem?.code === "key_password_wrong" || problem?.code === "key_wait" ? sentence(problem) : undefined;
  const first = filling.faulty[0];
  const at = problem?.params["field"] ? filling.fields.find((field) => field.id === problem.params["field"]) : undefined;
  const press = () => {
    filling.setTried(true);
    if (first) onVisit(first);
    else sign.mutate();
  };
  // Whose look was not chosen signs with the name, typed: said before, not afterwards.
  const plain = !filling.fields.some((field) => field.type === FieldType.SIGNATURE);
  return (
    <aside className={styles.panel} aria-label={t("contracts.sign.panel")}>
      {contract.queued === "key" && <InfoNote tone="warn">{t("contracts.sign.again")}</InfoNote>}
      {contract.message !== "" && <blockquote className={styles.message}><b>{contract.senderName}</b>{contract.message}</blockquote>}
      {plain && <p className={styles.quiet}>{t("contracts.sign.invisible")}</p>}
      <Consent agreed={agreed} onAgreed={setAgreed} />
      <section className={styles.key} aria-label={t("contracts.key.title")}>
        <h3>{t("contracts.key.title")}</h3>
        <KeyChoice ws={ws} value={key} onChange={setKey} wrong={wrong} />
        {seals.map((seal) => (
          <Field
            key={seal.id} type="password" autoComplete="off" label={seals.length > 1 ? t("contracts.sign.sealPasswordOf", { name: seal.name }) : t("contracts.sign.sealPassword")}
            hint={t("contracts.sign.sealPasswordHint")} value={sealPasswords[seal.id] ?? ""} onChange={(event) => setSealPasswords({ ...sealPasswords, [seal.id]: event.target.value })}
          />
        ))}
      </section>
      {noAuthority && <InfoNote>{t("contracts.sign.noTime")}</InfoNote>}
      {timeless && <><InfoNote tone="warn">{t("contracts.sign.timeFailed")}</InfoNote><CheckRow label={t("contracts.sign.untimed")} note={t("contracts.sign.untimedNote")} checked={untimed} onChange={setUntimed} /></>}
      {filling.tried && first && <InfoNote tone="warn">{t("contracts.fill.left", { count: filling.faulty.length })}</InfoNote>}
      {problem && !wrong && !isTimeless(sign.error) && <ErrorNote problem={problem} onRetry={at ? () => onVisit(at) : undefined} retry={t("contracts.fill.show")} />}
      <Button kind="primary" size="lg" icon={<ShieldCheck aria-hidden />} busy={sign.isPending} disabled={!ready || !agreed || key.id === "" || key.password === ""} onClick={press}>{t("contracts.sign.do")}</Button>
      <p className={styles.quiet}>{t("contracts.sign.what")}</p>
      <Button kind="quiet" onClick={onDecline}>{t("contracts.menu.decline")}</Button>
    </aside>
  );
}
