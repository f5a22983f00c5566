import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { FoundMember } from "../../../api";
import { useMemberPicker } from "../../../live";
import { Button, Dialog, Field, PeoplePicker, Segmented } from "../../../ui";
import styles from "../forms.module.css";

export interface NewParty {
  readonly personId: string;
  readonly name: string;
  readonly external: boolean;
  readonly organization: string;
  readonly isMe: boolean;
}

/** Colleagues by name; somebody from outside by a name that a link is made for. `whom` is a part of the document that one person is to take. */
export function AddPartyDialog({ ws, without, whom, onClose, onAdd }: { ws: string; without: readonly string[]; whom?: string; onClose: () => void; onAdd: (parties: readonly NewParty[]) => void }) {
  const { t } = useTranslation();
  // For one part, one person; oneself, too.
  const picker = useMemberPicker(ws, { without, withMe: whom !== undefined });
  const [who, setWho] = useState<"inside" | "outside">("inside");
  const [picked, setPicked] = useState<readonly FoundMember[]>([]);
  const [name, setName] = useState("");
  const [organization, setOrganization] = useState("");
  const ids = new Set(picked.map(({ personId }) => personId));
  const pick = (_: ReadonlySet<string>, people: readonly FoundMember[]) => setPicked(whom === undefined ? people : people.filter(({ personId }) => !ids.has(personId)).slice(0, 1));
  const ready = who === "inside" ? picked.length > 0 : name.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    onAdd(who === "outside" ? [{ personId: "", name: name.trim(), external: true, organization: organization.trim(), isMe: false }]
      : picked.map(({ personId, name: called, isMe }) => ({ personId, name: called, external: false, organization: "", isMe })));
    onClose();
  };
  return (
    <Dialog
      open onClose={onClose} title={whom === undefined ? t("contracts.parties.add") : t("contracts.parties.who", { label: whom })}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="add-party" disabled={!ready}>{t("action.add")}</Button></>}
    >
      <form id="add-party" className={styles.form} onSubmit={submit}>
        <Segmented label={t("contracts.parties.from")} value={who} onChange={setWho} options={[{ value: "inside", label: t("contracts.parties.inside") }, { value: "outside", label: t("contracts.parties.outside") }]} />
        {who === "inside" ? <PeoplePicker {...picker} picked={ids} onPicked={pick} /> : (
          <>
            <p className={styles.hint}>{t("contracts.parties.outsideNote")}</p>
            <Field autoFocus label={t("contracts.parties.name")} value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
            <Field label={t("contracts.parties.organization")} value={organization} maxLength={120} onChange={(event) => setOrganization(event.target.value)} />
          </>
        )}
      </form>
    </Dialog>
  );
}
