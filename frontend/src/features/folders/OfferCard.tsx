import { useMutation } from "@tanstack/react-query";
import { FolderTree, HardDriveDownload, List } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FolderMode, FolderRole, type Folder } from "../../api";
import { useApi, useFolderMembers } from "../../live";
import { ErrorNote } from "../../ui";
import styles from "./view.module.css";
import { amount, useSpeech } from "./words";

/** Somebody shares a folder, and nobody has said yet what this computer does with it. */
export function OfferCard({ folder, onKeep, onListed }: { folder: Folder; onKeep: (mode: FolderMode) => void; onListed: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const speech = useSpeech();
  const owner = useFolderMembers(folder.id).data?.find((member) => member.owner)?.name ?? "";
  const list = useMutation({ mutationFn: () => api.folders.keep({ folderId: folder.id, mode: FolderMode.LISTED }), onSuccess: onListed });
  const contents = amount(folder.files, folder.bytes, speech);
  const choice = (Icon: typeof List, title: string, note: string, onClick: () => void) => (
    <button type="button" className={styles.choice} onClick={onClick}><Icon aria-hidden /><span><b>{title}</b><small>{note}</small></span></button>
  );
  return (
    <section className={styles.offer} aria-label={t("folders.offer.label")}>
      <h2>{owner === "" ? t("folders.offer.titlePlain", { name: folder.name }) : t("folders.offer.title", { person: owner, name: folder.name })}</h2>
      <p>{contents} · {folder.role === FolderRole.READ ? t("folders.offer.read") : t("folders.offer.write")}</p>
      <div className={styles.choices}>
        {choice(HardDriveDownload, t("folders.offer.whole"), t("folders.offer.wholeNote"), () => onKeep(FolderMode.WHOLE))}
        {choice(FolderTree, t("folders.offer.chosen"), t("folders.offer.chosenNote"), () => onKeep(FolderMode.CHOSEN))}
        {choice(List, t("folders.offer.listed"), t("folders.offer.listedNote"), () => (folder.mode === FolderMode.LISTED ? onListed() : list.mutate()))}
      </div>
      {list.error && <ErrorNote cause={list.error} />}
    </section>
  );
}
