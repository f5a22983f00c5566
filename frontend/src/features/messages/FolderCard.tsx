import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { baseName, formatFolderLink, parentOf, type FolderLink } from "../../lib/folderLink";
import { useHere, type FolderPlace } from "../../lib/routes";
import { useFolders } from "../../live";
import { FileIcon } from "../../ui";
import styles from "./attachments.module.css";

/** A link into a shared folder, as a card that leads there. Who does not belong to the folder sees the name alone. */
export function FolderCard({ link }: { link: FolderLink }) {
  const ws = useHere();
  return ws === undefined ? <>{formatFolderLink(link)}</> : <Card ws={ws} link={link} />;
}

function Card({ ws, link }: { ws: string; link: FolderLink }) {
  const { t } = useTranslation();
  const { data } = useFolders(ws);
  const folder = data?.find((candidate) => candidate.id === link.folder);
  const inside = parentOf(link.path);
  const name = link.path === "" ? (folder?.name ?? t("attach.folder")) : baseName(link.path);
  const place: FolderPlace = link.isFolder ? (link.path === "" ? {} : { path: link.path }) : { ...(inside !== "" && { path: inside }), entry: baseName(link.path) };
  const words = (
    <>
      <FileIcon name={name} kind={link.isFolder ? "folder" : undefined} />
      <span className={styles.words}>
        <bdi className={styles.fileName} title={name}>{name}</bdi>
        <small>{!folder ? data ? t("attach.notYours") : t("attach.shared") : link.path === "" ? t("attach.shared") : <bdi>{inside === "" ? folder.name : `${folder.name} / ${inside.replaceAll("/", " / ")}`}</bdi>}</small>
      </span>
    </>
  );
  return folder
    ? <Link to="/w/$ws/folders/$folder" params={{ ws, folder: folder.id }} search={place} className={styles.folderCard}>{words}</Link>
    : <span className={styles.folderCard} data-absent="">{words}</span>;
}
