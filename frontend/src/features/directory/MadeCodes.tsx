import { useMutation } from "@tanstack/react-query";
import { FileDown, Mail, Printer } from "lucide-react";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import type { RecordCode } from "../../api";
import { full } from "../../lib/time";
import { useApi, useRuntime } from "../../live";
import { Button, CopyButton, ErrorNote, InfoNote, QRCode, Select } from "../../ui";
import { handOver } from "./handOver";
import styles from "./codes.module.css";

/** So many stand on a printed page, are printed at once, are listed on the screen, and go into one call for a file (2 MiB). */
const SHEET = 8;
const PRINTED = 400;
const LISTED = 50;
const FILED = 2000;

/** Codes that were made: to print, to save for mail merge, or to hand over one by one. They are kept nowhere else. */
export function MadeCodes({ ws, codes }: { ws: string; codes: readonly RecordCode[] }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const runtime = useRuntime();
  const parts = Math.ceil(codes.length / PRINTED);
  const [part, setPart] = useState(0);
  // Each time anew, since a window may not say when it has printed.
  const [printing, setPrinting] = useState(0);
  const save = useMutation({
    async mutationFn() {
      const language = i18n.language.startsWith("zh") ? "zh" : "en";
      const bytes: Uint8Array[] = [];
      const names: string[] = [];
      const files = Math.ceil(codes.length / FILED);
      for (let at = 0; at < files; at++) {
        const { content, fileName, savedAt } = await api.directory.saveCodes({
          workspaceId: ws, codes: codes.slice(at * FILED, (at + 1) * FILED), language, save: !runtime.canDownload, part: at, parts: files,
        });
        bytes.push(content);
        names.push(savedAt === "" ? fileName : savedAt);
      }
      if (!runtime.canDownload) return names.join("\n");
      handOver(bytes, names[0]!);
      return names[0]!;
    },
  });
  const text = (code: RecordCode) => t("directory.mailText", { name: code.name, link: code.link, date: full(Number(code.expiresUnixMs), i18n.language) });
  const mail = (code: RecordCode) => `mailto:${encodeURIComponent(code.email)}?subject=${encodeURIComponent(t("directory.mailSubject"))}&body=${encodeURIComponent(text(code))}`;
  const table = useMemo(() => codes.map((code) => [code.number, code.name, code.department, code.link].join("\t")).join("\n"), [codes]);
  const range = (at: number) => ({ from: at * PRINTED + 1, to: Math.min((at + 1) * PRINTED, codes.length) });
  return (
    <div className={styles.made}>
      <InfoNote>{t("directory.codesMade", { count: codes.length })}</InfoNote>
      <div className={styles.deeds}>
        {parts > 1 && <Select label={t("directory.printParts")} value={String(part)} onChange={(next) => setPart(Number(next))} options={Array.from({ length: parts }, (_, at) => ({ value: String(at), label: t("directory.printPart", range(at)) }))} />}
        <Button kind="primary" icon={<Printer aria-hidden />} onClick={() => setPrinting((now) => now + 1)}>{t("directory.print")}</Button>
        <Button icon={<FileDown aria-hidden />} busy={save.isPending} onClick={() => save.mutate()}>{t("directory.codesSave")}</Button>
        <CopyButton text={table} copy={runtime.copyText} label={t("directory.copyAll")} />
      </div>
      {parts > 1 && <p className={styles.quiet}>{t("directory.printBound", { most: PRINTED })}</p>}
      {save.error && <ErrorNote cause={save.error} />}
      {save.data !== undefined && <InfoNote tone="warn">{t("directory.codesSaved", { name: save.data })}</InfoNote>}
      {codes.length > LISTED && <p className={styles.quiet}>{t("directory.codesListed", { shown: LISTED })}</p>}
      <ul className={styles.list} aria-label={t("directory.codes")}>
        {codes.slice(0, LISTED).map((code) => (
          <li key={code.recordId}>
            <span><bdi>{code.name}</bdi><small>{[code.number, code.department].filter(Boolean).join(" · ")}</small></span>
            <CopyButton text={text(code)} copy={runtime.copyText} />
            {code.email !== "" && <a className={styles.mail} href={mail(code)} aria-label={t("directory.mailTo", { name: code.name })}><Mail aria-hidden /></a>}
          </li>
        ))}
      </ul>
      {printing > 0 && <Paper key={printing} codes={codes.slice(part * PRINTED, (part + 1) * PRINTED)} onPrinted={() => {
        setPrinting(0);
        setPart(Math.min(part + 1, parts - 1));
      }} />}
    </div>
  );
}

/** Sheets of paper, which are there only while they are printed. */
function Paper({ codes, onPrinted }: { codes: readonly RecordCode[]; onPrinted: () => void }) {
  const { t, i18n } = useTranslation();
  const printed = useEffectEvent(onPrinted);
  useEffect(() => {
    const done = () => printed();
    window.addEventListener("afterprint", done);
    window.print();
    return () => window.removeEventListener("afterprint", done);
  }, []);
  const sheets = Array.from({ length: Math.ceil(codes.length / SHEET) }, (_, sheet) => codes.slice(sheet * SHEET, (sheet + 1) * SHEET));
  return createPortal(
    <div className={styles.paper} aria-hidden>
      {sheets.map((sheet, at) => (
        <section key={at} className={styles.sheet}>
          {sheet.map((code) => (
            <article key={code.recordId}>
              <QRCode text={code.link} label={code.name} />
              <div><h3>{code.name}</h3><p>{[code.number, code.department].filter(Boolean).join(" · ")}</p><p>{t("directory.printText")}</p><p>{t("invites.until", { date: full(Number(code.expiresUnixMs), i18n.language) })}</p></div>
              <code>{code.link}</code>{/* what the program takes: it reads no squares */}
            </article>
          ))}
        </section>
      ))}
    </div>, document.body);
}
