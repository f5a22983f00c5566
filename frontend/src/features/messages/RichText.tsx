import { Fragment, memo } from "react";
import { useTranslation } from "react-i18next";
import { splitLinks } from "../../lib/links";
import { useRuntime } from "../../live";

/** Text of others: only links come alive, and they open in the person's browser, never here. */
export const RichText = memo(function RichText({ text }: { text: string }) {
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
});
