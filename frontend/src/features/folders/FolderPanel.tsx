import { Clock, FileX2, HardDriveDownload, UserPlus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FolderMode, FolderRole, type Folder } from "../../api";
import { whole } from "../../lib/number";
import { useGo } from "../../lib/routes";
import { size } from "../../lib/size";
import { useFolderMembers } from "../../live";
import { Avatar, Button, IconButton } from "../../ui";
import type { FolderTask } from "./FolderDialogs";
import panel from "./panel.module.css";
import { useFolderRoleName } from "./roles";
import { amount, isOffered, useSpeech } from "./words";

const MOST = 30;

/** The folder as a whole: where it lies here, who is in it, how long old versions stay. */
export function FolderPanel({ ws, folder, onTask, onClose }: { ws: string; folder: Folder; onTask: (task: FolderTask) => void; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const speech = useSpeech();
  const roleName = useFolderRoleName();
  const members = useFolderMembers(folder.id).data ?? [];
  const kept = folder.localPath !== "";
  const n = (value: bigint | number) => whole(value, i18n.language);
  const mode = folder.mode === FolderMode.WHOLE ? t("folders.mode.whole") : folder.mode === FolderMode.CHOSEN ? t("folders.mode.chosen") : t("folders.mode.listed");
  return (
    <section className={panel.panel} aria-label={t("folders.about")}>
      <header className={panel.head}>
        <h2>{t("folders.about")}</h2>
        <IconButton label={t("action.close")} onClick={onClose}><X /></IconButton>
      </header>
      <div className={panel.block}>
        <h3>{t("folders.hereTitle")}</h3>
        <p>{mode}</p>
        {kept && <p className={panel.path} dir="ltr">{folder.localPath}</p>}
        <div className={panel.row}><Button icon={<HardDriveDownload aria-hidden />} onClick={() => onTask({ kind: "keep", mode: isOffered(folder) ? FolderMode.WHOLE : folder.mode })}>{kept ? t("folders.menu.change") : t("folders.menu.keep")}</Button></div>
      </div>
      <div className={panel.block}>
        <h3>{t("folders.contents")}</h3>
        <p>{amount(folder.files, folder.bytes, speech)}</p>
        {kept && <p className={panel.quiet}>{folder.holders > 0 ? t("folders.holders", { count: folder.holders }) : t("folders.noHolders")}</p>}
        {folder.unsent > 0n && <p className={panel.quiet}>{t("folders.unsentNote", { count: Number(folder.unsent), n: n(folder.unsent) })}</p>}
      </div>
      <div className={panel.block}>
        <h3>{t("folders.members.title")} <span>{n(folder.memberCount)}</span></h3>
        {members.slice(0, MOST).map((member) => (
          <button key={member.personId} type="button" className={panel.member} onClick={() => go.person(ws, member.personId)}>
            <Avatar id={member.personId} name={member.name} size="xs" />
            <bdi>{member.name}</bdi>
            <small>{member.owner ? t("folders.members.owner") : roleName(member.role)}</small>
          </button>
        ))}
        {members.length > MOST && <p className={panel.quiet}>{t("group.moreMembers", { count: members.length - MOST })}</p>}
        <div className={panel.row}><Button icon={<UserPlus aria-hidden />} onClick={() => onTask({ kind: "members" })}>{folder.role === FolderRole.MANAGE ? t("folders.members.manage") : t("folders.members.show")}</Button></div>
      </div>
      {kept && <div className={panel.block}>
        <h3>{t("folders.retention.title")}</h3>
        <p>{folder.keepBytes > 0n ? t("folders.retention.both", { count: folder.keepDays, size: size(Number(folder.keepBytes)) }) : t("folders.retention.days", { count: folder.keepDays })}</p>
        <p className={panel.quiet}>{t("folders.retention.now", { size: size(Number(folder.binBytes)) })}</p>
        <div className={panel.row}>
          <Button icon={<Clock aria-hidden />} onClick={() => onTask({ kind: "retention" })}>{t("folders.retention.change")}</Button>
          <Button icon={<FileX2 aria-hidden />} onClick={() => onTask({ kind: "ignore" })}>{t("folders.menu.ignoreShort")}</Button>
        </div>
      </div>}
    </section>
  );
}
