import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { create } from "@bufbuild/protobuf";
import { SealRightSchema, type Seal, type SealRight } from "../../../api";
import { useApi, useMemberPicker, useRefreshSeals } from "../../../live";
import { Button, Dialog, ErrorNote, PeoplePicker } from "../../../ui";
import forms from "../forms.module.css";
import styles from "./seals.module.css";

const RIGHTS = ["manage", "use", "audit"] as const;

/** Who may manage a seal, use it, and see its uses: three rights, none of which holds another. */
export function RightsDialog({ ws, seal, onClose }: { ws: string; seal: Seal; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const refresh = useRefreshSeals(ws);
  const picker = useMemberPicker(ws, { without: seal.rights.map(({ personId }) => personId), withMe: true });
  const [adding, setAdding] = useState<ReadonlySet<string>>(new Set());
  // A box that is disabled for a moment would lose the focus of whoever goes by keyboard, and a press that is not heard would be worse:
  // what is pressed while one is on its way follows it, and goes on from what was said last.
  const said = useRef(new Map<string, SealRight>());
  const going = useRef(0);
  const set = useMutation({
    mutationFn: (right: SealRight) => api.seals.setSealRight({ workspaceId: ws, sealId: seal.id, right }),
    scope: { id: `rights ${seal.id}` },
    onSuccess: refresh,
    onError: () => said.current.clear(),
    onSettled: () => void going.current--,
  });
  useEffect(() => {
    if (going.current === 0) said.current.clear();
  }, [seal]);
  const tell = (right: SealRight) => {
    going.current++;
    said.current.set(right.personId, right);
    set.mutate(right);
  };
  const toggle = (shown: SealRight, key: (typeof RIGHTS)[number]) => {
    const right = said.current.get(shown.personId) ?? shown;
    tell({ ...right, [key]: !right[key] });
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
                  {RIGHTS.map((key) => <td key={key}><label><input type="checkbox" checked={right[key]} aria-label={`${right.name}: ${t(`contracts.seals.${key}`)}`} onChange={() => toggle(right, key)} /></label></td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <section className={styles.adding} aria-label={t("contracts.seals.addPerson")}>
          <PeoplePicker {...picker} picked={adding} onPicked={(next) => setAdding(new Set([...next].filter((id) => !adding.has(id)).slice(0, 1)))} />
          <Button disabled={adding.size === 0} busy={set.isPending} onClick={() => {
            tell(create(SealRightSchema, { personId: [...adding][0]!, use: true }));
            setAdding(new Set());
            picker.onQuery("");
          }}>{t("contracts.seals.allowUse")}</Button>
        </section>
        <p className={forms.hint}>{t("contracts.seals.rightsHint")}</p>
        {set.error !== null && <ErrorNote cause={set.error} />}
      </div>
    </Dialog>
  );
}
