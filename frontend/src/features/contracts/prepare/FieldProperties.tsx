import { Copy, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FieldType, type ContractField, type Party } from "../../../api";
import { useSeals } from "../../../live";
import { Button, Field, Select, SwitchRow } from "../../../ui";
import { fieldKey } from "../fieldTypes";
import forms from "../forms.module.css";
import styles from "./fields.module.css";

type Patch = Partial<Omit<ContractField, "$typeName">>;

const FORMATS = ["any", "email", "phone", "id_card", "credit_code", "digits"] as const;

/** What is to be known of the field that is chosen. */
export function FieldProperties({ field, parties, signers, pages, workspace, onPatch, onRemove, onEverywhere }: {
  field: ContractField | undefined;
  parties: readonly Party[];
  signers: readonly Party[];
  pages: number;
  workspace: string;
  onPatch: (patch: Patch, kind?: string) => void;
  onRemove: () => void;
  onEverywhere: () => void;
}) {
  const { t } = useTranslation();
  if (!field) {
    return (
      <aside className={styles.properties} aria-label={t("contracts.fields.properties")}>
        <h2>{t("contracts.fields.properties")}</h2>
        <p className={forms.hint}>{t("contracts.fields.none")}</p>
        <dl className={styles.keys}>
          {(["arrows", "shift", "delete", "undo"] as const).map((key) => <div key={key}><dt>{t(`contracts.fields.key.${key}`)}</dt><dd>{t(`contracts.fields.key.${key}Does`)}</dd></div>)}
        </dl>
      </aside>
    );
  }
  const owner = parties.find((party) => party.id === field.party);
  return (
    <aside className={styles.properties} aria-label={t("contracts.fields.properties")}>
      <h2>{t(`contracts.field.${fieldKey(field.type)}`)}</h2>
      <div className={forms.field}>
        <span className={forms.legend}>{t("contracts.fields.party")}</span>
        <Select label={t("contracts.fields.party")} value={owner ? String(owner.id) : ""} options={signers.map((party) => ({ value: String(party.id), label: [party.label, party.name].filter((word) => word !== "").join(" · ") }))} onChange={(party) => onPatch({ party: Number(party) })} />
      </div>
      <Field label={t("contracts.fields.label")} hint={t("contracts.fields.labelHint")} value={field.label} maxLength={80} onChange={(event) => onPatch({ label: event.target.value }, `label ${field.id}`)} />
      <SwitchRow label={t("contracts.fields.required")} checked={field.required} onChange={(required) => onPatch({ required })} />
      <Special field={field} workspace={workspace} onPatch={onPatch} />
      {pages > 1 && <Field label={t("contracts.fields.page")} type="number" min={1} max={pages} value={String(field.page)} onChange={(event) => {
        const page = Number(event.target.value);
        if (Number.isInteger(page) && page >= 1 && page <= pages) onPatch({ page });
      }} />}
      <div className={styles.deeds}>
        {pages > 1 && <Button icon={<Copy aria-hidden />} onClick={onEverywhere}>{t("contracts.fields.everywhere")}</Button>}
        <Button kind="danger" icon={<Trash2 aria-hidden />} onClick={onRemove}>{t("contracts.fields.remove")}</Button>
      </div>
    </aside>
  );
}

function Special({ field, workspace, onPatch }: { field: ContractField; workspace: string; onPatch: (patch: Patch, kind?: string) => void }) {
  const { t } = useTranslation();
  const seals = useSeals(workspace).data?.seals.filter((seal) => !seal.personal && seal.state === "valid") ?? [];
  switch (field.type) {
    case FieldType.CHOICE:
      return (
        <div className={forms.field}>
          <label htmlFor="field-choices">{t("contracts.fields.choices")}</label>
          <textarea id="field-choices" className={forms.area} rows={4} value={field.choices.join("\n")} onChange={(event) => onPatch({ choices: event.target.value.split("\n") }, `choices ${field.id}`)} onBlur={() => onPatch({ choices: field.choices.map((choice) => choice.trim()).filter((choice) => choice !== "") }, `choices ${field.id}`)} />
          <p className={forms.hint}>{t("contracts.fields.choicesHint")}</p>
        </div>
      );
    case FieldType.NUMBER:
      return (
        <div className={forms.pair}>
          <Field label={t("contracts.fields.min")} inputMode="decimal" value={field.min} onChange={(event) => onPatch({ min: event.target.value }, `min ${field.id}`)} />
          <Field label={t("contracts.fields.max")} inputMode="decimal" value={field.max} onChange={(event) => onPatch({ max: event.target.value }, `max ${field.id}`)} />
        </div>
      );
    case FieldType.TEXT:
      return (
        <>
          <div className={forms.field}>
            <span className={forms.legend}>{t("contracts.fields.format")}</span>
            <Select label={t("contracts.fields.format")} value={FORMATS.find((one) => one === field.format) ?? "any"} options={FORMATS.map((key) => ({ value: key, label: t(`contracts.format.${key}`) }))} onChange={(key) => onPatch({ format: key === "any" ? "" : key })} />
          </div>
          <Field label={t("contracts.fields.maxLength")} hint={t("contracts.fields.maxLengthHint")} inputMode="numeric" value={field.maxLength === 0 ? "" : String(field.maxLength)} onChange={(event) => onPatch({ maxLength: Math.min(10_000, Number(event.target.value.replace(/\D/gu, "")) || 0) }, `length ${field.id}`)} />
        </>
      );
    case FieldType.SEAL:
      return seals.length === 0 ? null : (
        <div className={forms.field}>
          <span className={forms.legend}>{t("contracts.fields.seal")}</span>
          <Select label={t("contracts.fields.seal")} value={field.sealId === "" ? "any" : field.sealId} options={[{ value: "any", label: t("contracts.fields.sealAny") }, ...seals.map((seal) => ({ value: seal.id, label: seal.name }))]} onChange={(seal) => onPatch({ sealId: seal === "any" ? "" : seal })} />
        </div>
      );
    default:
      return null;
  }
}
