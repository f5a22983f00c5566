import { FileLock2, FileQuestion, HardDriveDownload, PanelRight, PenLine } from "lucide-react";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ContractState, type Contract } from "../../../api";
import { useGo } from "../../../lib/routes";
import { size } from "../../../lib/size";
import { useApi, useContract, useShowContract } from "../../../live";
import { Button, cx, Empty, ErrorNote, Field, IconButton, useColumns, Waiting } from "../../../ui";
import { TONE_ICONS } from "../list/ContractRow";
import { PdfView, type PdfHandle } from "../../../ui/pdf";
import { usePdf } from "../usePdf";
import { contractWords, deadlineWords, useSpeech } from "../words";
import styles from "./contract.module.css";
import { ContractMenu } from "./ContractMenu";
import { Notes } from "./Notes";
import { Side } from "./Side";

export function ContractView({ ws, id, page, side, onSide }: { ws: string; id: string; page?: number; side: boolean; onSide: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useContract(id);
  useOpened(data);
  if (!data) {
    return error ? <Empty top icon={<FileQuestion />} title={t("contracts.unknownTitle")} action={<Button onClick={() => void refetch()}>{t("action.retry")}</Button>}>{t("contracts.unknownText")}</Empty> : <Waiting />;
  }
  return (
    <>
      <Head ws={ws} contract={data} side={side} onSide={onSide} />
      <Notes ws={ws} contract={data} />
      {data.locked ? <AccessCode contract={data} /> : <Paper contract={data} page={page} />}
    </>
  );
}

/** That somebody opened it is told to the parties: only what is really shown counts. */
function useOpened(contract: Contract | undefined): void {
  const api = useApi();
  const show = useShowContract();
  const told = useRef("");
  useEffect(() => {
    if (!contract || contract.locked || told.current === contract.id || contract.state !== ContractState.RUNNING) return;
    told.current = contract.id;
    api.contracts.openContract({ contractId: contract.id }).then(show, () => {});
  });
}

function Head({ ws, contract, side, onSide }: { ws: string; contract: Contract; side: boolean; onSide: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const { narrow, openList } = useColumns();
  const speech = useSpeech();
  const said = contractWords(contract, speech);
  const due = contract.state === ContractState.RUNNING ? deadlineWords(contract.deadlineUnixMs, Date.now(), speech) : null;
  const Icon = TONE_ICONS[said.tone];
  return (
    <header className={styles.head}>
      {narrow && <Button kind="quiet" onClick={openList}>{t("action.showList")}</Button>}
      <div className={styles.headText}>
        <h1 title={contract.title}><bdi>{contract.title}</bdi></h1>
        <p role="status" className={cx(styles.said, styles[said.tone])}><Icon aria-hidden /><span>{said.text}</span>{due && <em data-tone={due.tone}>{due.text}</em>}</p>
      </div>
      {contract.canSign && !contract.locked && <Button kind="primary" icon={<PenLine aria-hidden />} onClick={() => go.contract(ws, contract.id, { act: "sign" })}>{t("contracts.sign.begin")}</Button>}
      {contract.canApprove && !contract.locked && <Button kind="primary" icon={<PenLine aria-hidden />} onClick={() => go.contract(ws, contract.id, { act: "sign" })}>{t("contracts.sign.beginApprove")}</Button>}
      <ContractMenu ws={ws} contract={contract} />
      <IconButton label={t("columns.details")} aria-pressed={side} onClick={onSide}><PanelRight /></IconButton>
    </header>
  );
}

function Paper({ contract, page }: { contract: Contract; page?: number }) {
  const { t } = useTranslation();
  const state = usePdf(contract.documentHere ? `/documents/contracts/${contract.id}` : "", contract.currentSha256);
  const handle = useRef<PdfHandle>(null);
  const ready = state.state === "ready";
  useEffect(() => {
    if (ready && page !== undefined) handle.current?.show(page);
  }, [ready, page]);
  if (!contract.documentHere) {
    return (
      <Empty icon={<HardDriveDownload />} title={t("pdf.absentTitle")}>
        {contract.missingBytes > 0n ? t("pdf.missing", { size: size(Number(contract.missingBytes)) }) : t("pdf.absentText")}
      </Empty>
    );
  }
  return <PdfView state={state} handle={handle} label={t("pdf.document", { name: contract.title })} />;
}

export function AccessCode({ contract }: { contract: Contract }) {
  const { t } = useTranslation();
  const api = useApi();
  const show = useShowContract();
  const [code, setCode] = useState("");
  const open = useMutation({ mutationFn: () => api.contracts.openContract({ contractId: contract.id, accessCode: code }), onSuccess: show });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!open.isPending && code !== "") open.mutate();
  };
  return (
    <form className={styles.code} onSubmit={submit}>
      <FileLock2 aria-hidden />
      <h2>{t("contracts.code.title")}</h2>
      <p>{t("contracts.code.text", { name: contract.senderName })}</p>
      <Field label={t("contracts.code.label")} autoCapitalize="off" autoFocus value={code} onChange={(event) => setCode(event.target.value)} />
      {open.error !== null && <ErrorNote cause={open.error} />}
      <Button kind="primary" type="submit" busy={open.isPending} disabled={code === ""}>{t("contracts.code.open")}</Button>
      <p>{t("contracts.code.lost")}</p>
    </form>
  );
}

export function ContractSide({ ws, id, onClose }: { ws: string; id: string; onClose: () => void }) {
  const { data } = useContract(id);
  return data ? <Side ws={ws} contract={data} onClose={onClose} /> : <Waiting />;
}
