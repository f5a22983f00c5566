import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "../../../api";
import { decodeText, readStart } from "../../../lib/text";
import { useRuntime } from "../../../live";
import { Waiting } from "../../../ui";
import styles from "./viewer.module.css";

/** More would hold up the page; the rest is in the file. */
const MOST = 500_000;

/** The beginning of a text. It is shown and never run, whatever it is. */
export function TextView({ file, broken }: { file: Attachment; broken: (words: string) => ReactNode }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  const { data, error } = useQuery({
    queryKey: ["attachment", file.path], gcTime: 0, retry: false,
    queryFn: async ({ signal }) => {
      const answer = await runtime.fetch(file.path, { signal });
      if (!answer.ok) throw new Error(`read: ${answer.status}`);
      const { bytes, cut } = await readStart(answer, MOST);
      return { text: decodeText(bytes), cut };
    },
  });
  if (error) return broken(t("attach.gone"));
  if (!data) return <div className={styles.still}><Waiting /></div>;
  if (data.text === null) return broken(t("attach.noText"));
  return (
    <figure className={styles.text}>
      {data.cut && <figcaption>{t("attach.textCut")}</figcaption>}
      <pre tabIndex={0} dir="auto" aria-label={file.name}>{data.text}</pre>
    </figure>
  );
}
