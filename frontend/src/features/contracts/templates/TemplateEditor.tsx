import { create } from "@bufbuild/protobuf";
import { useMutation } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TemplateKind, TemplateSchema, type Template } from "../../../api";
import { useApi } from "../../../live";
import { Button, ErrorNote, Field, IconButton } from "../../../ui";
import forms from "../forms.module.css";
import { useSettled } from "./FillTemplate";
import { Leave } from "./Leave";
import { TemplatePreview } from "./TemplatePreview";
import styles from "./templates.module.css";

/** Markdown on one side, the page on the other. A starter is copied, never changed. */
export function TemplateEditor({ template, language, onClose, onSaved }: { template: Template | null; language: string; onClose: () => void; onSaved: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [title, setTitle] = useState(template?.title ?? "");
  const [summary, setSummary] = useState(template?.summary ?? "");
  const before = template?.markdown ?? t("contracts.templates.example", BRACES);
  const [markdown, setMarkdown] = useState(before);
  const [leaving, setLeaving] = useState(false);
  const changed = title !== (template?.title ?? "") || summary !== (template?.summary ?? "") || markdown !== before;
  const settled = useSettled(markdown);
  const save = useMutation({
    mutationFn: () => api.contracts.saveTemplate(create(TemplateSchema, {
      id: template?.kind === TemplateKind.OWN ? template.id : "", kind: TemplateKind.OWN, language: template?.language || language, title: title.trim(), summary: summary.trim(), markdown,
    })),
    onSuccess: onSaved,
  });
  return (
    <div className={styles.split}>
      <section className={styles.fill} aria-label={t("contracts.templates.editor")}>
        <header><IconButton label={t("action.back")} onClick={() => (changed ? setLeaving(true) : onClose())}><ArrowLeft /></IconButton><h1>{template ? template.title : t("contracts.templates.write")}</h1></header>
        <Field label={t("contracts.templates.name")} value={title} maxLength={120} onChange={(event) => setTitle(event.target.value)} />
        <Field label={t("contracts.templates.summary")} value={summary} maxLength={200} onChange={(event) => setSummary(event.target.value)} />
        <div className={styles.markdown}>
          <label htmlFor="template-markdown">{t("contracts.templates.markdown")}</label>
          <textarea id="template-markdown" className={forms.area} spellCheck={false} value={markdown} onChange={(event) => setMarkdown(event.target.value)} />
          <p className={forms.hint}>{t("contracts.templates.syntax", BRACES)}</p>
        </div>
        {save.error !== null && <ErrorNote cause={save.error} />}
        <Button kind="primary" size="lg" disabled={title.trim() === "" || markdown.trim() === ""} busy={save.isPending} onClick={() => save.mutate()}>{t("action.save")}</Button>
      </section>
      {leaving && <Leave onStay={() => setLeaving(false)} onLeave={onClose}>{t("contracts.templates.leaveText")}</Leave>}
      <TemplatePreview id="" markdown={settled} values={NOTHING} title={title} />
    </div>
  );
}

const NOTHING = {};
/** Words in which braces stand are filled in themselves; they are no names that would have to be set apart. */
const BRACES = { open: "{{", close: "}}", interpolation: { escapeValue: false } };
