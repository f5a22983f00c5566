import { Copy } from "lucide-react";
import { Fragment, memo, useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { splitFolderLinks } from "../../lib/folderLink";
import { blocks, inline, type Inline } from "../../lib/markup";
import { splitMeetingLinks } from "../../lib/meetingLink";
import { splitLinks } from "../../lib/links";
import { splitMentions, type MentionOf } from "../../lib/mentions";
import { useGo, useHere } from "../../lib/routes";
import { useRuntime } from "../../live";
import { IconButton } from "../../ui";
import styles from "./depth.module.css";
import { ExternalMark, useInCircle } from "./External";
import { FolderCard } from "./FolderCard";
import { MeetingCard } from "./MeetingCard";

const NOBODY: readonly MentionOf[] = [];

/**
 * Text of others: a small part of Markdown is drawn, mentions and links come alive. Addresses open in the person's
 * browser, never here; links into folders and to meetings are cards.
 */
export const RichText = memo(function RichText({ text, mentions = NOBODY }: { text: string; mentions?: readonly MentionOf[] }) {
  const all = useMemo(() => blocks(text), [text]);
  return all.map((block, index) => {
    if (block.kind === "code") return <Code key={index} text={block.text} language={block.language} />;
    const inner = <Folders text={block.text} mentions={mentions} />;
    if (block.kind === "quote") return <blockquote key={index} className={styles.blockquote}>{inner}</blockquote>;
    return all.length === 1 ? <Fragment key={index}>{inner}</Fragment> : <div key={index}>{inner}</div>;
  });
});

function Code({ text, language }: { text: string; language: string }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  return (
    <div className={styles.code}>
      <pre dir="ltr" tabIndex={0} aria-label={language === "" ? t("depth.code") : language}><code>{text}</code></pre>
      <IconButton label={t("depth.copyCode")} onClick={() => void runtime.copyText(text).catch(() => {})}><Copy /></IconButton>
    </div>
  );
}

interface Props {
  text: string;
  mentions: readonly MentionOf[];
}

function Folders({ text, mentions }: Props) {
  return splitFolderLinks(text).map((piece, index) => (typeof piece === "string" ? <Meetings key={index} text={piece} mentions={mentions} /> : <FolderCard key={index} link={piece} />));
}

function Meetings({ text, mentions }: Props) {
  return splitMeetingLinks(text).map((piece, index) => (typeof piece === "string" ? <Fragment key={index}>{draw(inline(piece), mentions)}</Fragment> : <MeetingCard key={index} link={piece} />));
}

function draw(all: readonly Inline[], mentions: readonly MentionOf[]): ReactNode {
  return all.map((piece, index) => {
    switch (piece.kind) {
      case "text":
        return <Plain key={index} text={piece.text} mentions={mentions} />;
      case "code":
        return <code key={index} className={styles.inlineCode}>{piece.text}</code>;
      case "link":
        // The words say one thing, the address another: where it leads is always read.
        return <Fragment key={index}>{piece.text} (<Address text={piece.href} href={piece.href} />)</Fragment>;
      case "strong":
        return <strong key={index}>{draw(piece.of, mentions)}</strong>;
      case "em":
        return <em key={index}>{draw(piece.of, mentions)}</em>;
      case "strike":
        return <s key={index}>{draw(piece.of, mentions)}</s>;
    }
  });
}

function Plain({ text, mentions }: Props) {
  return splitLinks(text).map((piece, index) => piece.href === undefined ? <Mentions key={index} text={piece.text} mentions={mentions} /> : <Address key={index} text={piece.text} href={piece.href} />);
}

function Mentions({ text, mentions }: Props) {
  const go = useGo();
  const ws = useHere();
  const circle = useInCircle();
  return splitMentions(text, mentions).map((piece, index) => {
    if (typeof piece === "string") return <Fragment key={index}>{piece}</Fragment>;
    // Nobody of another workspace is in the directory.
    if (piece.personId === "" || ws === undefined || circle.get(piece.personId)?.isExternal) return <Fragment key={index}><b className={styles.mention}>@{piece.label}</b> <ExternalMark personId={piece.personId} brief /></Fragment>;
    return <button key={index} type="button" className={styles.mention} onClick={() => go.person(ws, piece.personId)}>@{piece.label}</button>;
  });
}

function Address({ text, href }: { text: string; href: string }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  return (
    <a
      href={href} rel="noopener noreferrer nofollow" target="_blank" title={`${href}\n${t("messages.openingLink")}`}
      onClick={(event) => {
        event.preventDefault();
        runtime.openLink(href);
      }}
    >
      {text}
    </a>
  );
}
