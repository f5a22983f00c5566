import { useMutation } from "@tanstack/react-query";
import { Mail, Printer } from "lucide-react";
import { useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { Whom, type Card, type Department, type RecordCode } from "../../api";
import { full } from "../../lib/time";
import { useApi, usePeoplePage, useRuntime } from "../../live";
import { Button, CopyButton, Dialog, ErrorNote, InfoNote, QRCode, Select } from "../../ui";
import styles from "./codes.module.css";

const LIVES = [["day", 86_400n], ["week", 604_800n], ["month", 2_592_000n]] as const;
/** So many codes are made by one call, and so many stand on a printed page. */
const CALL = 100;
const SHEET = 8;

/** One-time codes for people with a record who are not in the workspace: for one, or for all of a department and below. */
export function CodesDialog({ ws, record, department, onClose }: { ws: string; record?: Card; department?: Department | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [life, setLife] = useState<(typeof LIVES)[number][0]>("week");
  const listed = { department: department?.own === false ? department.id : "", whom: Whom.OUTSIDE, query: "" };
  const count = usePeoplePage(ws, listed, 0).data?.total ?? 0;
  const [made, setMade] = useState<readonly RecordCode[]>([]);
  const make = useMutation({
    mutationFn: async () => {
      const expiresSeconds = LIVES.find(([key]) => key === life)![1];
      const ids: string[] = record ? [record.recordId] : [];
      for (let offset = 0; !record && offset < count; offset += 200) {
        const { rows } = await api.directory.people({ workspaceId: ws, departmentId: listed.department, whom: Whom.OUTSIDE, offset, limit: 200 });
        ids.push(...rows.map(({ key }) => key.replace(/^rec_/, "")));
      }
      for (let at = 0; at < ids.length; at += CALL) {
        const { codes } = await api.directory.inviteRecords({ workspaceId: ws, recordIds: ids.slice(at, at + CALL), expiresSeconds });
        setMade((now) => [...now, ...codes]);
      }
    },
  });
  return (
    <Dialog open onClose={onClose} size="lg" title={record ? t("directory.codeFor", { name: record.name }) : t("directory.codes")} description={t("directory.codesText")}>
      {made.length === 0 ? (
        <div className={styles.ask}>
          <Select label={t("invites.expires")} value={life} onChange={setLife} options={LIVES.map(([key]) => ({ value: key, label: t(`invites.${key}`) }))} />
          {make.error && <ErrorNote cause={make.error} />}
          <Button kind="primary" size="lg" busy={make.isPending} disabled={!record && count === 0} onClick={() => make.mutate()}>
            {record ? t("directory.makeCode") : t("directory.makeCodes", { count })}
          </Button>
        </div>
      ) : <Made codes={made} busy={make.isPending} error={make.error} />}
    </Dialog>
  );
}

function Made({ codes, busy, error }: { codes: readonly RecordCode[]; busy: boolean; error: unknown }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  const text = (code: RecordCode) => t("directory.mailText", { name: code.name, link: code.link, date: full(Number(code.expiresUnixMs), i18n.language) });
  const mail = (code: RecordCode) => `mailto:${code.email}?subject=${encodeURIComponent(t("directory.mailSubject"))}&body=${encodeURIComponent(text(code))}`;
  const sheets = Array.from({ length: Math.ceil(codes.length / SHEET) }, (_, sheet) => codes.slice(sheet * SHEET, (sheet + 1) * SHEET));
  return (
    <div className={styles.made}>
      <InfoNote>{t("directory.codesMade", { count: codes.length })}</InfoNote>
      {Boolean(error) && <ErrorNote cause={error} />}
      <div className={styles.deeds}>
        <Button kind="primary" icon={<Printer aria-hidden />} disabled={busy} onClick={() => window.print()}>{t("directory.print")}</Button>
        <CopyButton text={codes.map((code) => [code.number, code.name, code.department, code.link].join("\t")).join("\n")} copy={runtime.copyText} label={t("directory.copyAll")} />
      </div>
      <ul className={styles.list} aria-label={t("directory.codes")}>
        {codes.slice(0, 200).map((code) => (
          <li key={code.recordId}>
            <span><bdi>{code.name}</bdi><small>{[code.number, code.department].filter(Boolean).join(" · ")}</small></span>
            <CopyButton text={text(code)} copy={runtime.copyText} />
            {code.email !== "" && <a className={styles.mail} href={mail(code)} aria-label={t("directory.mailTo", { name: code.name })}><Mail aria-hidden /></a>}
          </li>
        ))}
      </ul>
      {createPortal(
        <div className={styles.paper} aria-hidden>
          {sheets.map((sheet, at) => (
            <section key={at} className={styles.sheet}>
              {sheet.map((code) => (
                <article key={code.recordId}>
                  <QRCode text={code.link} label={code.name} />
                  <div><h3>{code.name}</h3><p>{[code.number, code.department].filter(Boolean).join(" · ")}</p><p>{t("directory.printText")}</p><p>{t("invites.until", { date: full(Number(code.expiresUnixMs), i18n.language) })}</p></div>
                </article>
              ))}
            </section>
          ))}
        </div>, document.body)}
    </div>
  );
}
