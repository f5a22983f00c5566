import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ConflictSide } from "../../api";
import { baseName } from "../../lib/folderLink";
import { size } from "../../lib/size";
import { full } from "../../lib/time";
import { Waiting } from "../../ui";
import styles from "./conflicts.module.css";
import { folded, lineDiff } from "./lineDiff";
import { Preview, useText, WHOLE_BYTES, type Shown } from "./Preview";

const shownOf = (side: ConflictSide): Shown => ({ name: baseName(side.path), contentPath: side.contentPath, preview: side.preview, stamp: `${side.unixMs}/${side.size}` });

/** Two contents side by side: what differs in a text, pictures, else what is known of each. */
export function Compare({ original, copy }: { original: ConflictSide | undefined; copy: ConflictSide }) {
  const { t } = useTranslation();
  if (!original) return <div className={styles.compare}><Head side={copy} title={t("folders.conflict.beside")} /><div className={styles.both}><Preview shown={shownOf(copy)} /></div></div>;
  const isText = original.preview === "text" && copy.preview === "text";
  return (
    <div className={styles.compare}>
      <Head side={original} title={t("folders.conflict.inPlace")} />
      <Head side={copy} title={t("folders.conflict.beside")} />
      {isText ? <TextDiff original={original} copy={copy} /> : (
        <>
          <div className={styles.side}><Preview shown={shownOf(original)} /></div>
          <div className={styles.side}><Preview shown={shownOf(copy)} /></div>
        </>
      )}
    </div>
  );
}

function Head({ side, title }: { side: ConflictSide; title: string }) {
  const { i18n } = useTranslation();
  return (
    <header className={styles.sideHead}>
      <b>{title}</b>
      <p><bdi>{side.personName}</bdi> · <time>{full(Number(side.unixMs), i18n.language)}</time> · {size(Number(side.size))}</p>
    </header>
  );
}

function TextDiff({ original, copy }: { original: ConflictSide; copy: ConflictSide }) {
  const { t } = useTranslation();
  const left = useText(shownOf(original), WHOLE_BYTES);
  const right = useText(shownOf(copy), WHOLE_BYTES);
  const a = left.data;
  const b = right.data;
  const rows = useMemo(() => {
    if (a?.text == null || b?.text == null || a.cut || b.cut) return null;
    const all = lineDiff(a.text, b.text);
    return all && folded(all);
  }, [a, b]);
  const reads = (original.contentPath !== "" && left.isPending) || (copy.contentPath !== "" && right.isPending);
  if (reads) return <div className={styles.both}><Waiting /></div>;
  if (!rows) {
    return (
      <>
        <div className={styles.side}><Preview shown={shownOf(original)} /></div>
        <div className={styles.side}><Preview shown={shownOf(copy)} /></div>
        <p className={styles.note}>{t("folders.conflict.noDiff")}</p>
      </>
    );
  }
  const differ = rows.filter((row) => !("fold" in row) && !row.same).length;
  return (
    <>
      <div className={styles.diff} role="table" aria-label={t("folders.conflict.diff")} tabIndex={0}>
        {rows.map((row, index) => "fold" in row ? (
          <div key={index} role="row" className={styles.fold}><span role="cell">{t("folders.conflict.same", { count: row.fold })}</span></div>
        ) : (
          <div key={index} role="row" className={styles.line} data-same={row.same ? "" : undefined}>
            <Line text={row.left} sign={row.same ? "" : "−"} words={row.same ? "" : t("folders.conflict.onlyFirst")} kind="left" />
            <Line text={row.right} sign={row.same ? "" : "+"} words={row.same ? "" : t("folders.conflict.onlySecond")} kind="right" />
          </div>
        ))}
      </div>
      <p className={styles.note} role="status">{differ === 0 ? t("folders.conflict.equal") : t("folders.conflict.differ", { count: differ })}</p>
    </>
  );
}

function Line({ text, sign, words, kind }: { text: string | null; sign: string; words: string; kind: "left" | "right" }) {
  return (
    <span role="cell" className={styles.cell} data-kind={sign !== "" ? kind : undefined} data-gap={text === null ? "" : undefined}>
      {text !== null && <><i aria-label={words === "" ? undefined : words}>{sign}</i><bdi>{text === "" ? "\u00a0" : text}</bdi></>}
    </span>
  );
}
