import { create } from "@bufbuild/protobuf";
import { useMutation } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ContractFieldSchema, PartyRole, PartySchema, type Template, type TemplateField } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useApi, useMe, useRefreshContracts } from "../../../live";
import { Button, ErrorNote, Field, IconButton, Select } from "../../../ui";
import { endOfDay } from "../dates";
import forms from "../forms.module.css";
import { date } from "../words";
import styles from "./templates.module.css";
import { Leave } from "./Leave";
import { TemplatePreview } from "./TemplatePreview";

/** The blanks of a template beside what becomes of it; then a draft whose signature blocks are fields already. */
export function FillTemplate({ ws, template, onClose }: { ws: string; template: Template; onClose: () => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const refresh = useRefreshContracts();
  const me = useMe(ws);
  const [title, setTitle] = useState(template.title);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => Object.fromEntries(template.fields.map((field) => [field.name, field.value])));
  const [leaving, setLeaving] = useState(false);
  const changed = template.fields.some((field) => (values[field.name] ?? "") !== field.value);
  const settled = useSettled(values);
  const make = useMutation({
    mutationFn: async () => {
      const made = await api.contracts.renderTemplate({ id: template.id, values: spoken(template, values), title });
      return api.contracts.createDraft({
        workspaceId: ws, uploadId: made.upload!.uploadId, title,
        // Who each party is, is said in the next step; the first is whoever writes, since that is usual.
        parties: made.parties.map((label, index) => create(PartySchema, {
          id: index + 1, step: index + 1, role: PartyRole.SIGNER, label, ...(index === 0 && me && { personId: me.personId, name: me.name, isMe: true }),
        })),
        fields: made.fields.map((field) => create(ContractFieldSchema, { ...field, party: field.party + 1 })),
      });
    },
    onSuccess: refresh,
  });
  const missing = template.fields.filter((field) => field.required && (values[field.name] ?? "").trim() === "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (missing.length === 0 && !make.isPending) make.mutate(undefined, { onSuccess: (draft) => go.draft(ws, draft.id) }); // who has gone elsewhere meanwhile is not fetched back
  };
  return (
    <div className={styles.split}>
      <form className={styles.fill} onSubmit={submit}>
        <header><IconButton label={t("action.back")} onClick={() => (changed ? setLeaving(true) : onClose())}><ArrowLeft /></IconButton><h1>{template.title}</h1></header>
        <Field label={t("contracts.send.title")} value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} />
        {template.fields.map((field) => <Blank key={field.name} field={field} value={values[field.name] ?? ""} onValue={(value) => setValues({ ...values, [field.name]: value })} />)}
        {make.error !== null && <ErrorNote cause={make.error} />}
        {missing.length > 0 && <p className={forms.hint} role="status">{t("contracts.templates.missing", { count: missing.length })}</p>}
        <Button kind="primary" size="lg" type="submit" icon={<ArrowRight aria-hidden />} disabled={missing.length > 0 || title.trim() === ""} busy={make.isPending}>{t("contracts.templates.toDraft")}</Button>
      </form>
      {leaving && <Leave onStay={() => setLeaving(false)} onLeave={onClose}>{t("contracts.templates.leaveFillText")}</Leave>}
      <TemplatePreview id={template.id} markdown="" values={spoken(template, settled)} title={title} />
    </div>
  );
}

/** What stands in the document: days as its language writes them. */
function spoken(template: Template, values: Readonly<Record<string, string>>): Record<string, string> {
  const out = { ...values };
  for (const { name, type } of template.fields) {
    const day = endOfDay(values[name] ?? "");
    if (type === "date" && day > 0n) out[name] = date(Number(day), template.language);
  }
  return out;
}

/** As typed, once nothing was typed for a moment. */
export function useSettled<T>(value: T, pause = 700): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return settled;
}

function Blank({ field, value, onValue }: { field: TemplateField; value: string; onValue: (value: string) => void }) {
  const label = `${field.label || field.name}${field.required ? " *" : ""}`;
  const id = `blank-${field.name}`;
  if (field.type === "choice") {
    return (
      <div className={forms.field}>
        <span className={forms.legend}>{label}</span>
        <Select label={label} value={value} options={[{ value: "", label: "–" }, ...field.choices.map((choice) => ({ value: choice, label: choice }))]} onChange={onValue} />
      </div>
    );
  }
  if (field.type === "multiline") {
    return (
      <div className={forms.field}>
        <label htmlFor={id}>{label}</label>
        <textarea id={id} className={forms.area} rows={4} value={value} onChange={(event) => onValue(event.target.value)} />
      </div>
    );
  }
  return <Field label={label} type={field.type === "date" ? "date" : "text"} inputMode={field.type === "number" ? "decimal" : undefined} value={value} onChange={(event) => onValue(event.target.value)} />;
}
