import { Fragment, memo } from "react";
import { useTranslation } from "react-i18next";
import { splitFolderLinks } from "../../lib/folderLink";
import { splitMeetingLinks } from "../../lib/meetingLink";
import { splitLinks } from "../../lib/links";
import { useRuntime } from "../../live";
import { FolderCard } from "./FolderCard";
import { MeetingCard } from "./MeetingCard";

/** Text of others: only links come alive. Addresses open in the person's browser, never here; links into folders and to meetings are cards. */
export const RichText = memo(function RichText({ text }: { text: string }) {
  return splitFolderLinks(text).map((piece, index) => (typeof piece === "string" ? <Meetings key={index} text={piece} /> : <FolderCard key={index} link={piece} />));
});

function Meetings({ text }: { text: string }) {
  return splitMeetingLinks(text).map((piece, index) => (typeof piece === "string" ? <Plain key={index} text={piece} /> : <MeetingCard key={index} link={piece} />));
}

function Plain({ text }: { text: string }) {
  const { t } = useTranslation();
  const runtime = useRuntime();
  return splitLinks(text).map((piece, index) => piece.href === undefined ? <Fragment key={index}>{piece.text}</Fragment> : (
    <a
      key={index} href={piece.href} rel="noopener noreferrer nofollow" target="_blank" title={`${piece.href}\n${t("messages.openingLink")}`}
      onClick={(event) => {
        event.preventDefault();
        runtime.openLink(piece.href!);
      }}
    >
      {piece.text}
    </a>
  ));
}
