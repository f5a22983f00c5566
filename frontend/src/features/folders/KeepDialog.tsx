import { useMutation } from "@tanstack/react-query";
import { useMemo, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { FolderMode, type Folder } from "../../api";
import { whole } from "../../lib/number";
import { size } from "../../lib/size";
import { useApi, useBrowse } from "../../live";
import { Button, CheckRow, Choices, Dialog, ErrorNote, Field, InfoNote, useSentence, Waiting } from "../../ui";
import styles from "./dialogs.module.css";
import { FolderChooser, type Chosen } from "./FolderChooser";
import { localJoin } from "./localPath";
import { useKeptParts, type Picked } from "./parts";
import { SubfolderTree } from "./SubfolderTree";
import { amount, useSpeech } from "./words";

type Mode = "whole" | "chosen";

/** What of a shared folder lies on this computer, and where. */
export function KeepDialog({ folder, first, chosen: firstChosen, onClose }: { folder: Folder; first: FolderMode; chosen: string | undefined; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const speech = useSpeech();
  const sentence = useSentence();
  const { data: usual } = useBrowse("");
  const [mode, setMode] = useState<Mode>(first === FolderMode.CHOSEN ? "chosen" : "whole");
  const kept = useKeptParts(folder);
  const [ticked, setPicked] = useState<Picked | null>(null);
  // Until something is ticked it is what is kept now, with what one came for.
  const picked = useMemo<Picked>(() => ticked ?? new Map([...(kept.data ?? []), ...(firstChosen === undefined ? [] : [[firstChosen, null] as const])]), [ticked, kept.data, firstChosen]);
  const [touched, setTouched] = useState(firstChosen !== undefined || folder.localPath === "");
  const [typed, setTyped] = useState<string | null>(folder.localPath === "" ? null : folder.localPath);
  const [browsing, setBrowsing] = useState(false);
  const [within, setWithin] = useState<Chosen>({ path: "", errorCode: "" });
  const [isCopy, setIsCopy] = useState(false);
  const suggested = usual && usual.suggested !== "" ? localJoin(usual.suggested, folder.name) : "";
  const place = typed ?? suggested;
  const keep = useMutation({
    mutationFn: () => api.folders.keep({
      folderId: folder.id, localPath: place === folder.localPath ? "" : place, mode: mode === "whole" ? FolderMode.WHOLE : FolderMode.CHOSEN, chosen: mode === "whole" ? [] : [...picked.keys()],
    }),
    onSuccess: onClose,
  });
  const sums = [...picked.values()];
  const bytes = mode === "whole" ? folder.bytes : sums.reduce<bigint>((sum, one) => sum + (one?.bytes ?? 0n), 0n);
  const known = mode === "whole" || sums.every((one) => one !== null);
  const free = usual?.freeBytes ?? 0n;
  const tight = known && free > 0n && bytes > free;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (browsing) {
      // What is chosen holds the folder, unless it is the folder itself.
      if (within.path !== "") setTyped(isCopy ? within.path : localJoin(within.path, folder.name));
      setBrowsing(false);
    } else if (!keep.isPending && place !== "") keep.mutate();
  };
  // What is not touched stays as it is, also what cannot be said here: parts that were left out of something chosen.
  const same = !touched && place === folder.localPath && (mode === "whole") === (folder.mode === FolderMode.WHOLE);
  const unfit = isCopy && within.errorCode !== "";
  return (
    <Dialog
      open onClose={onClose} size="lg" title={browsing ? t("folders.keep.placeTitle", { name: folder.name }) : t("folders.keep.title", { name: folder.name })} description={browsing ? t("folders.keep.placeText") : undefined}
      actions={
        <>
          <Button onClick={() => (browsing ? setBrowsing(false) : onClose())}>{browsing ? t("action.back") : t("action.cancel")}</Button>
          <Button kind="primary" type="submit" form="keep-folder" busy={keep.isPending} disabled={browsing ? within.path === "" || unfit : place === "" || same || (mode === "chosen" && (picked.size === 0 || kept.isPending))}>{browsing ? t("folders.keep.use") : t("folders.keep.keep")}</Button>
        </>
      }
    >
      <form id="keep-folder" className={styles.form} onSubmit={submit}>
        {browsing ? (
          <>
            <FolderChooser label={t("folders.chooser.label")} chosen={within} onChosen={setWithin} />
            <CheckRow label={t("folders.keep.isCopy")} note={t("folders.keep.isCopyNote")} checked={isCopy} onChange={setIsCopy} />
            <div className={styles.said} role="status">
              {within.path !== "" && (unfit ? <InfoNote tone="warn">{sentence({ code: within.errorCode, params: {} })}</InfoNote>
                : <p className={styles.quiet}>{t("folders.keep.becomes", { path: isCopy ? within.path : localJoin(within.path, folder.name) })}</p>)}
            </div>
          </>
        ) : (
          <>
            <Choices
              label={t("folders.keep.what")} value={mode} onChange={setMode}
              options={[{ value: "whole", label: t("folders.offer.whole"), note: amount(folder.files, folder.bytes, speech) }, { value: "chosen", label: t("folders.offer.chosen"), note: t("folders.offer.chosenNote") }]}
            />
            {mode === "chosen" && (
              <div className={styles.field}>
                {kept.error ? <ErrorNote cause={kept.error} onRetry={() => void kept.refetch()} /> : kept.isPending ? <Waiting /> : (
                  <SubfolderTree folder={folder} picked={picked} onPicked={(next) => {
                    setPicked(next);
                    setTouched(true);
                  }} />
                )}
                <p className={styles.quiet} role="status">{known ? t("folders.keep.picked", { count: picked.size, n: whole(picked.size, i18n.language), size: size(Number(bytes)) }) : t("folders.keep.pickedPlain", { count: picked.size })}</p>
              </div>
            )}
            <div className={styles.inline}>
              <Field label={t("folders.keep.place")} dir="ltr" value={place} onChange={(event) => setTyped(event.target.value)} hint={free > 0n ? t("folders.keep.free", { size: size(Number(free)) }) : undefined} />
              <Button onClick={() => setBrowsing(true)}>{t("folders.keep.browse")}</Button>
            </div>
            {tight && <InfoNote tone="warn">{t("folders.keep.tight", { size: size(Number(bytes)), free: size(Number(free)) })}</InfoNote>}
            {keep.error && <ErrorNote cause={keep.error} />}
            <p className={styles.quiet}>{t("folders.keep.safe")}</p>
          </>
        )}
      </form>
    </Dialog>
  );
}
