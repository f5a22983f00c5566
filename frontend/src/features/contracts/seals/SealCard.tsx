import { Ban, BookText, EllipsisVertical, KeyRound, SearchX, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SealKind, type Seal } from "../../../api";
import { joinNames } from "../../../lib/names";
import { Button, IconButton, Menu, type MenuEntry } from "../../../ui";
import forms from "../forms.module.css";
import { moment } from "../words";
import { EndSealDialog, RemoveQuestion } from "./EndSealDialog";
import { LedgerDialog } from "./LedgerDialog";
import { PrepareDialog } from "./PrepareDialog";
import { RightsDialog } from "./RightsDialog";
import { SealPicture } from "./SealPicture";
import styles from "./seals.module.css";

export const KINDS = [["round", SealKind.ROUND], ["oval", SealKind.OVAL], ["rectangle", SealKind.RECTANGLE], ["personal", SealKind.PERSONAL], ["image", SealKind.IMAGE]] as const;

export function SealCard({ ws, seal }: { ws: string; seal: Seal }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState<"" | "rights" | "prepare" | "ledger" | "lost" | "revoked" | "remove">("");
  const close = () => setOpen("");
  const kind = KINDS.find(([, value]) => value === seal.kind)?.[0] ?? "round";
  const valid = seal.state === "valid";
  const size = seal.picture && seal.picture.widthMm > 0 ? `${seal.picture.widthMm} × ${seal.picture.heightMm} mm` : "";
  const rights = [seal.canManage && t("contracts.seals.manage"), seal.canUse && t("contracts.seals.use"), seal.canAudit && t("contracts.seals.audit")].filter((word) => word !== false);
  const menu: MenuEntry[] = seal.personal ? [
    { key: "remove", label: t("contracts.seals.remove"), icon: <Trash2 aria-hidden />, danger: true, onSelect: () => setOpen("remove") },
  ] : seal.canManage && valid ? [
    { key: "lost", label: t("contracts.seals.lost"), icon: <SearchX aria-hidden />, onSelect: () => setOpen("lost") },
    { key: "revoked", label: t("contracts.seals.revoke"), icon: <Ban aria-hidden />, danger: true, onSelect: () => setOpen("revoked") },
  ] : [];
  return (
    <article className={styles.card} data-ended={valid ? undefined : ""} aria-label={seal.name}>
      <SealPicture seal={seal} size={116} />
      <div className={styles.words}>
        <h3><bdi>{seal.name}</bdi></h3>
        <p>{[t(`contracts.sealKind.${kind}`), size, seal.personal ? t("contracts.seals.personal") : ""].filter((word) => word !== "").join(" · ")}</p>
        {!valid && <p><span className={forms.state} data-tone="bad">{seal.state === "lost" ? t("contracts.seals.isLost") : t("contracts.seals.isRevoked")}</span> {moment(seal.stateUnixMs, i18n.language)} {seal.stateReason}</p>}
        {valid && <p>{rights.length > 0 ? t("contracts.seals.mayI", { rights: joinNames(rights, i18n.language) }) : seal.holders.length > 0 ? t("contracts.seals.mayNothing") : t("contracts.seals.mayNothingNobody")}</p>}
        {valid && seal.canManage && !seal.personal && seal.holders.length === 0 && <p>{t("contracts.seals.nobody")}</p>}
        {valid && seal.holders.length > 0 && <p>{t("contracts.seals.holders", { names: joinNames(seal.holders, i18n.language) })}</p>}
        {valid && seal.canUse && !seal.personal && <KeyState state={seal.keyState} />}
        {(seal.canAudit || seal.canManage) && <p>{t("contracts.seals.uses", { count: seal.uses })}</p>}
      </div>
      <div className={styles.deeds}>
        {valid && seal.canUse && (seal.keyState === "none" || seal.keyState === "expired") && <Button kind="primary" icon={<KeyRound aria-hidden />} onClick={() => setOpen("prepare")}>{t("contracts.seals.prepare")}</Button>}
        {valid && seal.canManage && !seal.personal && <Button icon={<Users aria-hidden />} onClick={() => setOpen("rights")}>{t("contracts.seals.rights")}</Button>}
        {seal.canAudit && <Button icon={<BookText aria-hidden />} onClick={() => setOpen("ledger")}>{t("contracts.seals.ledger")}</Button>}
        {menu.length > 0 && <Menu label={t("contracts.menu.title")} trigger={<IconButton label={t("contracts.seals.options", { name: seal.name })}><EllipsisVertical /></IconButton>} entries={menu} />}
      </div>
      {open === "rights" && <RightsDialog ws={ws} seal={seal} onClose={close} />}
      {open === "prepare" && <PrepareDialog ws={ws} seal={seal} onClose={close} />}
      {open === "ledger" && <LedgerDialog ws={ws} seal={seal} onClose={close} />}
      {open === "remove" && <RemoveQuestion ws={ws} seal={seal} onClose={close} />}
      {(open === "lost" || open === "revoked") && <EndSealDialog ws={ws} seal={seal} state={open} onClose={close} />}
    </article>
  );
}

const STATES = ["none", "asked", "valid", "expired", "revoked"] as const;

function KeyState({ state }: { state: string }) {
  const { t } = useTranslation();
  const known = STATES.find((one) => one === state) ?? "none";
  return <p><span className={forms.state} data-tone={known === "valid" ? "good" : known === "asked" ? "busy" : "warn"}><KeyRound aria-hidden />{t(`contracts.seals.key.${known}`)}</span></p>;
}
