import { useMutation } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FieldType, problemOf, type Contract, type ContractField, type Seal } from "../../../api";
import { useApi, useShowContract } from "../../../live";
import { Button, CheckRow, ErrorNote, InfoNote, useSentence } from "../../../ui";
import { PdfView } from "../pdf/PdfView";
import { usePdf } from "../pdf/usePdf";
import { FillField } from "./FillField";
import { KeyChoice, type ChosenKey } from "./KeyChoice";
import { SealChooser } from "./SealChooser";
import styles from "./sign.module.css";
import { isTimeless } from "./useFilling";

/** A consent that stands, and a key that was locked again: only its password is needed, and the seals, which stand in no log. */
export function Unlock({ ws, contract, onSigned }: { ws: string; contract: Contract; onSigned: (answer: Contract) => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowContract();
  const sentence = useSentence();
  const pdf = usePdf(`/documents/contracts/${contract.id}`, contract.currentSha256);
  const [key, setKey] = useState<ChosenKey>({ id: "", password: "" });
  const [untimed, setUntimed] = useState(false);
  const [seals, setSeals] = useState<ReadonlyMap<string, Seal>>(new Map());
  const [open, setOpen] = useState<ContractField | null>(null);
  const fields = contract.fields.filter((field) => field.party === contract.myParty && field.type === FieldType.SEAL && field.value === "");
  const unlock = useMutation({
    mutationFn: () => api.contracts.signContract({
      contractId: contract.id, keyId: key.id, keyPassword: key.password, withoutTrustedTime: untimed, seals: Object.fromEntries([...seals].map(([field, seal]) => [field, seal.id])),
    }),
    onSuccess: (answer) => {
      show(answer);
      onSigned(answer);
    },
  });
  const problem = unlock.error === null ? null : problemOf(unlock.error);
  const wrong = problem?.code === "key_password_wrong" || problem?.code === "key_wait" ? sentence(problem) : undefined;
  return (
    <div className={styles.work}>
      <PdfView
        state={pdf} label={t("contracts.pdf.document", { name: contract.title })}
        over={(number, _size, scale) => fields.filter((field) => field.page === number).map((field) => (
          <FillField
            key={field.id} field={field} scale={scale} filled={{ value: seals.get(field.id)?.name ?? "", look: null, svg: seals.get(field.id)?.picture?.svg ?? "", waits: false }} fault={null} here={false}
            onFocus={() => {}} onValue={() => {}} onFile={() => {}} onOpen={() => setOpen(field)}
          />
        ))}
      />
      <aside className={styles.panel} aria-label={t("contracts.sign.panel")}>
        <InfoNote>{t("contracts.unlock.text")}</InfoNote>
        <section className={styles.key} aria-label={t("contracts.key.title")}>
          <h3>{t("contracts.key.title")}</h3>
          <KeyChoice ws={ws} value={key} onChange={setKey} wrong={wrong} />
        </section>
        {isTimeless(unlock.error) ? <CheckRow label={t("contracts.sign.untimed")} note={t("contracts.sign.untimedNote")} checked={untimed} onChange={setUntimed} /> : problem && !wrong && <ErrorNote problem={problem} />}
        <Button kind="primary" size="lg" icon={<KeyRound aria-hidden />} busy={unlock.isPending} disabled={key.id === "" || key.password === ""} onClick={() => unlock.mutate()}>{t("contracts.unlock.do")}</Button>
      </aside>
      {open && <SealChooser ws={ws} contract={contract} field={open} onClose={() => setOpen(null)} onSeal={(seal) => setSeals(new Map(seals).set(open.id, seal))} />}
    </div>
  );
}
