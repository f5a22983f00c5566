import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { create } from "@bufbuild/protobuf";
import { SealRightSchema, type Seal, type SealRight } from "../../../api";
import { useApi, useMembers, useRefreshSeals } from "../../../live";
import { Button, Dialog, ErrorNote, Select } from "../../../ui";
import forms from "../forms.module.css";
import styles from "./seals.module.css";

const RIGHTS = ["manage", "use", "audit"] as const;

/** Who may manage a seal, use it, and see its uses: three rights, none of which holds another. */
export function RightsDialog({ ws, seal, onClose }: { ws: string; seal: Seal; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const refresh = useRefreshSeals(ws);
  const members = useMembers(ws).data ?? [];
  const [adding, setAdding] = useState("");
  const set = useMutation({ mutationFn: (right: SealRight) => api.seals.setSealRight({ workspaceId: ws, sealId: seal.id, right }), onSuccess: refresh });
  const others = members.filter((member) => !seal.rights.some((right) => right.personId === member.personId));
  // A box that is disabled for a moment would lose the focus of whoever goes by keyboard.
  const toggle = (right: SealRight, key: (typeof RIGHTS)[number]) => {
    if (!set.isPending) set.mutate({ ...right, [key]: !right[key] });
  };
  return (
    <Dialog open onClose={onClose} size="lg" title={t("contracts.seals.rightsTitle", { name: seal.name })} description={t("contracts.seals.rightsText")}>
      <div className={forms.form}>
        <div className={forms.scrollX} tabIndex={0} role="region" aria-label={t("contracts.seals.rights")}>
          <table className={styles.rights}>
            <thead><tr><th>{t("contracts.seals.person")}</th>{RIGHTS.map((key) => <th key={key}>{t(`contracts.seals.${key}`)}</th>)}</tr></thead>
            <tbody>
              {seal.rights.map((right) => (
                <tr key={right.personId}>
                  <td><bdi>{right.name}</bdi></td>
                  {RIGHTS.map((key) => <td key={key}><label><input type="checkbox" checked={right[key]} aria-disabled={set.isPending} aria-label={`${right.name}: ${t(`contracts.seals.${key}`)}`} onChange={() => toggle(right, key)} /></label></td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {others.length > 0 && (
          <div className={forms.row}>
            <Select label={t("contracts.seals.addPerson")} value={adding} options={[{ value: "", label: t("contracts.seals.addPerson") }, ...others.map((member) => ({ value: member.personId, label: member.name, note: member.department }))]} onChange={setAdding} />
            <Button disabled={adding === ""} busy={set.isPending} onClick={() => {
              set.mutate(create(SealRightSchema, { personId: adding, use: true }));
              setAdding("");
            }}>{t("contracts.seals.allowUse")}</Button>
          </div>
        )}
        <p className={forms.hint}>{t("contracts.seals.rightsHint")}</p>
        {set.error !== null && <ErrorNote cause={set.error} />}
      </div>
    </Dialog>
  );
}
