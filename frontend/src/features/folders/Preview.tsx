import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { decodeText, readStart } from "../../lib/text";
import { useRuntime } from "../../live";
import { FileIcon, Waiting } from "../../ui";
import styles from "./preview.module.css";

const PdfPreview = lazy(() => import("./PdfPreview"));

/** What can be shown of a file, of a version of it, or of a side of a conflict. */
export interface Shown {
  readonly name: string;
  readonly contentPath: string;
  readonly preview: string;
  /** Changes with the content, so that it is read anew. */
  readonly stamp: string;
}

/** The beginning of a text file; null while it is read, "" with `none` when it is no text. */
export function useText(shown: Shown, most: number, enabled = true) {
  const runtime = useRuntime();
  return useQuery({
    queryKey: ["content", shown.contentPath, shown.stamp, most],
    enabled: enabled && shown.contentPath !== "",
    gcTime: 30_000, retry: false, placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const answer = await runtime.fetch(shown.contentPath, { signal });
      if (!answer.ok) throw new Error(`read: ${answer.status}`);
      const { bytes, cut } = await readStart(answer, most);
      return { text: decodeText(bytes), cut };
    },
  });
}

const PANEL_BYTES = 32_000;
export const WHOLE_BYTES = 400_000;

/** The content itself where a page may show it, else a card that says what it is. */
export function Preview({ shown, large }: { shown: Shown; large?: boolean }) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  const { contentPath, preview, name } = shown;
  if (contentPath === "" || broken) return <Card name={name} words={contentPath === "" ? t("folders.preview.absent") : t("folders.preview.broken")} />;
  switch (preview) {
    case "picture":
      return <img className={large ? styles.pictureLarge : styles.picture} src={contentPath} alt={name} onError={() => setBroken(true)} />;
    case "audio":
      return <audio className={styles.sound} controls preload="metadata" src={contentPath} aria-label={name} onError={() => setBroken(true)} />;
    case "video":
      return <video className={styles.film} controls preload="metadata" src={contentPath} aria-label={name} onError={() => setBroken(true)} />;
    case "text":
      return <TextPreview shown={shown} most={large ? WHOLE_BYTES : PANEL_BYTES} large={large} />;
    case "pdf":
      return <Suspense fallback={<Waiting />}><PdfPreview shown={shown} large={large ?? false} broken={<Card name={name} words={t("pdf.damagedText")} />} /></Suspense>;
    default:
      return <Card name={name} words={t("folders.preview.none")} />;
  }
}

function TextPreview({ shown, most, large }: { shown: Shown; most: number; large?: boolean }) {
  const { t } = useTranslation();
  const { data, error } = useText(shown, most);
  if (error || data?.text === null) return <Card name={shown.name} words={error ? t("folders.preview.broken") : t("folders.preview.none")} />;
  if (!data) return <Waiting />;
  return (
    <figure className={styles.textFrame}>
      <pre className={large ? styles.textLarge : styles.text} tabIndex={0} dir="auto" aria-label={shown.name}>{data.text}</pre>
      {data.cut && <figcaption>{t("folders.preview.cut")}</figcaption>}
    </figure>
  );
}

function Card({ name, words }: { name: string; words: string }) {
  return <div className={styles.card}><FileIcon name={name} /><p>{words}</p></div>;
}
