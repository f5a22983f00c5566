import { ArrowLeft } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, FieldType, type Contract, type ContractField } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useContract } from "../../../live";
import { Button, Empty, ErrorNote, IconButton, Waiting } from "../../../ui";
import { AccessCode } from "../contract/ContractView";
import { ReasonDialog } from "../contract/ContractMenu";
import { PdfView, type PdfHandle } from "../../../ui/pdf";
import { usePdf } from "../usePdf";
import { contractWords, useSpeech } from "../words";
import { Approve } from "./Approve";
import { FillField } from "./FillField";
import { Result } from "./Result";
import { SealChooser } from "./SealChooser";
import { SignPanel } from "./SignPanel";
import { SignatureDialog } from "./SignatureDialog";
import styles from "./sign.module.css";
import { useFilling, type Filling } from "./useFilling";

/** One calm page: the document, what one agrees to, and one button. */
export function SignPage({ ws, id }: { ws: string; id: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const speech = useSpeech();
  const { data, error, refetch } = useContract(id);
  const [result, setResult] = useState<Contract | null>(null);
  const back = () => go.contract(ws, id);
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <IconButton label={t("contracts.sign.back")} onClick={back}><ArrowLeft /></IconButton>
        <h1 title={data?.title}><bdi>{data?.title ?? ""}</bdi></h1>
        {data && !result && <p>{t("contracts.sign.from", { name: data.senderName })}</p>}
      </header>
      {result ? <Result ws={ws} contract={data ?? result} />
        : !data ? error ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : <Waiting />
          : data.locked ? <AccessCode contract={data} />
            : data.canApprove ? <Approve ws={ws} contract={data} onDone={setResult} />
              : data.canSign ? <Signing ws={ws} contract={data} onSigned={setResult} />
                : <Empty title={t("contracts.sign.nothingTitle")} action={<Button onClick={back}>{t("contracts.sign.toContract")}</Button>}>{data.state === ContractState.RUNNING ? t("contracts.sign.nothingText") : contractWords(data, speech).text}</Empty>}
    </main>
  );
}

function Signing({ ws, contract, onSigned }: { ws: string; contract: Contract; onSigned: (answer: Contract) => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const filling = useFilling(contract);
  const pdf = usePdf(`/documents/contracts/${contract.id}`, contract.currentSha256);
  const handle = useRef<PdfHandle>(null);
  const root = useRef<HTMLDivElement>(null);
  const [here, setHere] = useState<string | null>(null);
  const [open, setOpen] = useState<ContractField | null>(null);
  const [declining, setDeclining] = useState(false);
  const visit = useCallback((field: ContractField) => {
    setHere(field.id);
    handle.current?.show(field.page, field.y);
    // Its page is drawn a moment later when it was far away.
    let tries = 0;
    const focus = () => {
      const found = root.current?.querySelector<HTMLElement>(`[data-fill="${field.id}"]`);
      if (found) found.focus({ preventScroll: true });
      else if (tries++ < 20) requestAnimationFrame(focus);
    };
    requestAnimationFrame(focus);
  }, []);
  const me = contract.parties.find((party) => party.id === contract.myParty);
  return (
    <div ref={root} className={styles.work}>
      <PdfView
        state={pdf} handle={handle} label={t("pdf.document", { name: contract.title })}
        tools={<NextField filling={filling} here={here} onVisit={visit} />}
        over={(number, _size, scale) => filling.fields.filter((field) => field.page === number).map((field) => (
          <FillField
            key={field.id} field={field} scale={scale} filled={filling.filled(field)} here={here === field.id}
            fault={filling.tried || (filling.values[field.id] ?? "") !== "" ? filling.fault(field) : null}
            onFocus={() => setHere(field.id)} onValue={(value) => filling.setValue(field.id, value)} onFile={(file) => filling.setFile(field.id, file)} onTakeOut={() => filling.takeOut(field)} onOpen={() => setOpen(field)}
          />
        ))}
      />
      <SignPanel ws={ws} contract={contract} filling={filling} ready={pdf.state === "ready"} onVisit={visit} onSigned={onSigned} onDecline={() => setDeclining(true)} />
      {open && (open.type === FieldType.SEAL
        ? <SealChooser ws={ws} contract={contract} field={open} onClose={() => setOpen(null)} onSeal={(seal) => filling.setSeal(open.id, seal)} />
        : <SignatureDialog
          kind={open.type === FieldType.INITIALS ? "initials" : "signature"} name={me?.name ?? ""} look={open.type === FieldType.INITIALS ? filling.looks.initials : filling.looks.signature}
          onClose={() => setOpen(null)} onLook={(look) => filling.setLook(open.type === FieldType.INITIALS ? "initials" : "signature", look)}
        />)}
      {declining && <ReasonDialog contract={contract} task="decline" onClose={() => setDeclining(false)} onDone={() => go.contract(ws, contract.id)} />}
    </div>
  );
}

/** Leads from one field that is not done to the next, and from the last to the first. */
function NextField({ filling, here, onVisit }: { filling: Filling; here: string | null; onVisit: (field: ContractField) => void }) {
  const { t } = useTranslation();
  const { fields } = filling;
  const left = fields.filter((field) => !filling.isDone(field) || filling.fault(field) !== null);
  const at = fields.findIndex((field) => field.id === here);
  const next = left.find((field) => fields.indexOf(field) > at) ?? left[0] ?? fields[(at + 1) % fields.length];
  if (!next) return null;
  return (
    <>
      <span className={styles.count} role="status">{left.length === 0 ? t("contracts.fill.all") : t("contracts.fill.left", { count: left.length })}</span>
      <Button kind={left.length > 0 ? "primary" : "plain"} onClick={() => onVisit(next)}>{t("contracts.fill.next")}</Button>
    </>
  );
}
