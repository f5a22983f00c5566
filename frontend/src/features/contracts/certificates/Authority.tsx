import { Download, KeySquare, Landmark } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CertificateRequest, IssuedCertificate, WorkspaceAuthority } from "../../../api";
import { joinNames } from "../../../lib/names";
import { useAuthority, useRuntime } from "../../../live";
import { Button, CopyButton, ErrorNote, InfoNote, Waiting } from "../../../ui";
import forms from "../forms.module.css";
import { saveText } from "../saveText";
import { date, grouped, moment } from "../words";
import { FoundDialog, HandDialog, IssueDialog, RefuseDialog, RevokeDialog, TakeDialog } from "./AuthorityDialogs";

type Task =
  | { readonly kind: "found" | "hand" | "take" }
  | { readonly kind: "issue" | "refuse"; readonly request: CertificateRequest }
  | { readonly kind: "revoke"; readonly certificate: IssuedCertificate };

/** The workspace's own authority: who vouches for whom. */
export function Authority({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useAuthority(ws);
  const [task, setTask] = useState<Task | null>(null);
  const close = () => setTask(null);
  return (
    <section className={forms.block} aria-label={t("contracts.authority.title")}>
      <header><h2>{t("contracts.authority.title")}</h2></header>
      <p className={forms.quiet}>{t("contracts.authority.text")}</p>
      {error && !data ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : !data ? <Waiting /> : data.founded ? <Founded authority={data} onTask={setTask} /> : (
        data.canFound ? <div className={forms.row}><Button kind="primary" icon={<Landmark aria-hidden />} onClick={() => setTask({ kind: "found" })}>{t("contracts.authority.found")}</Button></div>
          : <InfoNote>{t("contracts.authority.notYet")}</InfoNote>
      )}
      {task?.kind === "found" && <FoundDialog ws={ws} onClose={close} />}
      {task?.kind === "hand" && data && <HandDialog ws={ws} holders={data.holders} onClose={close} />}
      {task?.kind === "take" && <TakeDialog ws={ws} onClose={close} />}
      {task?.kind === "issue" && <IssueDialog ws={ws} request={task.request} onClose={close} />}
      {task?.kind === "refuse" && <RefuseDialog ws={ws} request={task.request} onClose={close} />}
      {task?.kind === "revoke" && <RevokeDialog ws={ws} certificate={task.certificate} onClose={close} />}
    </section>
  );
}

const REVOKES = ["left", "seal_lost", "seal_revoked", "right_withdrawn"] as const;

function Founded({ authority, onTask }: { authority: WorkspaceAuthority; onTask: (task: Task) => void }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  const { language } = i18n;
  return (
    <>
      {authority.others.length > 0 && <Others authority={authority} />}
      <div className={forms.card}>
        <dl className={forms.facts}>
          <div><dt>{t("contracts.authority.by")}</dt><dd>{authority.founderName} · {date(Number(authority.foundedUnixMs), language)}</dd></div>
          <div><dt>{t("contracts.authority.until")}</dt><dd>{date(Number(authority.notAfterUnixMs), language)}</dd></div>
          <div><dt>{t("contracts.authority.holders")}</dt><dd>{joinNames(authority.holders, language)}</dd></div>
          {authority.offeredTo.length > 0 && <div><dt>{t("contracts.authority.offered")}</dt><dd>{t("contracts.authority.offeredTo", { names: joinNames(authority.offeredTo, language) })}</dd></div>}
          <div><dt>{t("contracts.authority.list")}</dt><dd>{authority.listUnixMs > 0n ? moment(authority.listUnixMs, language) : t("contracts.authority.listNever")}</dd></div>
          <div><dt>{t("contracts.verify.fingerprint")}</dt><dd className={forms.mono}>{grouped(authority.fingerprint)}</dd></div>
        </dl>
        <div className={forms.row}>
          {runtime.canDownload ? <Button icon={<Download aria-hidden />} onClick={() => saveText("roundtable-root.pem", "application/x-pem-file", authority.rootPem)}>{t("contracts.authority.export")}</Button> : <CopyButton text={authority.rootPem} copy={runtime.copyText} />}
          {authority.haveRoot && <Button icon={<KeySquare aria-hidden />} onClick={() => onTask({ kind: "hand" })}>{t("contracts.authority.hand")}</Button>}
          {authority.rootOffered && <Button kind="primary" icon={<KeySquare aria-hidden />} onClick={() => onTask({ kind: "take" })}>{t("contracts.authority.take")}</Button>}
        </div>
        <p>{t("contracts.authority.exportNote")}</p>
      </div>
      {authority.requests.length > 0 && (
        <div className={forms.items} role="group" aria-label={t("contracts.authority.requests")}>
          <h3 className={forms.legend}>{t("contracts.authority.requests")}</h3>
          {authority.requests.map((request) => (
            <article key={request.id} className={forms.item} aria-label={request.sealName !== "" ? t("contracts.authority.forSeal", { name: request.personName, seal: request.sealName }) : request.legalName}>
              <div>
                <b><bdi>{request.sealName !== "" ? t("contracts.authority.forSeal", { name: request.personName, seal: request.sealName }) : request.legalName}</bdi></b>
                <small>{[request.personName !== request.legalName ? t("contracts.authority.known", { name: request.personName }) : "", request.department, request.email, request.algorithm, moment(request.askedUnixMs, language)].filter((word) => word !== "").join(" · ")}</small>
              </div>
              {authority.haveRoot ? (
                <>
                  <Button onClick={() => onTask({ kind: "refuse", request })}>{t("action.refuse")}</Button>
                  <Button kind="primary" onClick={() => onTask({ kind: "issue", request })}>{t("contracts.authority.issue")}</Button>
                </>
              ) : <small>{t("contracts.authority.waits")}</small>}
            </article>
          ))}
        </div>
      )}
      {authority.issued.length > 0 && (
        <div className={forms.scrollX} tabIndex={0} role="region" aria-label={t("contracts.authority.issued")}>
          <table className={forms.table}>
            <caption className={forms.legend}>{t("contracts.authority.issued")}</caption>
            <thead><tr><th>{t("contracts.seals.person")}</th><th>{t("contracts.authority.until")}</th><th>{t("contracts.authority.how")}</th><th>{t("contracts.authority.state")}</th><th /></tr></thead>
            <tbody>
              {authority.issued.map((certificate) => (
                <tr key={certificate.serial}>
                  <td><bdi>{certificate.name}</bdi>{certificate.sealName !== "" && ` · ${certificate.sealName}`}</td>
                  <td>{date(Number(certificate.notAfterUnixMs), language)}</td>
                  <td>{certificate.verified}{certificate.issuedBy !== "" && ` (${certificate.issuedBy})`}</td>
                  <td>{certificate.revokedUnixMs === 0n && certificate.toRevoke !== "" ? <span className={forms.state} data-tone="warn">{t(`contracts.authority.toRevoke.${REVOKES.find((one) => one === certificate.toRevoke) ?? "other"}`)}</span> : certificate.revokedUnixMs > 0n ? <span className={forms.state} data-tone="bad">{t("contracts.authority.revoked", { date: date(Number(certificate.revokedUnixMs), language) })}</span> : <span className={forms.state} data-tone="good">{t("contracts.keys.state.valid")}</span>}</td>
                  <td>{authority.haveRoot && certificate.revokedUnixMs === 0n && <Button kind="quiet" onClick={() => onTask({ kind: "revoke", certificate })}>{t("contracts.authority.revoke")}</Button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** Other roots of the workspace; that an older one turned up is a warning. */
function Others({ authority: { contested, others } }: { authority: WorkspaceAuthority }) {
  const { t, i18n } = useTranslation();
  return (
    <div className={forms.others} data-tone={contested ? "bad" : undefined} role={contested ? "alert" : "note"}>
      <h3>{contested ? t("contracts.authority.contested") : t("contracts.authority.others")}</h3>
      <p>{contested ? t("contracts.authority.contestedText") : t("contracts.authority.othersText")}</p>
      <ul>
        {others.filter((other) => other.earlier || !contested).map((other) => (
          <li key={other.fingerprint}>{t("contracts.authority.other", { name: other.founderName, date: moment(other.foundedUnixMs, i18n.language) })}<span className={forms.mono}>{grouped(other.fingerprint)}</span></li>
        ))}
      </ul>
    </div>
  );
}
