import { useMutation } from "@tanstack/react-query";
import { EllipsisVertical, FilePlus2, FileStack, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TemplateKind, type Template } from "../../../api";
import { useApi, useTemplates } from "../../../live";
import { Button, Confirm, Empty, ErrorNote, IconButton, Menu, useColumns, Waiting } from "../../../ui";
import forms from "../forms.module.css";
import { FillTemplate } from "./FillTemplate";
import { TemplateEditor } from "./TemplateEditor";

/** Texts with blanks: those that come with the program, and one's own. */
export function TemplatesPage({ ws }: { ws: string }) {
  const { t, i18n } = useTranslation();
  const { narrow, openList } = useColumns();
  const { data, error, refetch } = useTemplates(i18n.language);
  const [filling, setFilling] = useState<Template | null>(null);
  const [editing, setEditing] = useState<Template | "new" | null>(null);
  if (filling) return <FillTemplate ws={ws} template={filling} onClose={() => setFilling(null)} />;
  if (editing) {
    return <TemplateEditor
      template={editing === "new" ? null : editing} language={i18n.language} onClose={() => setEditing(null)}
      onSaved={() => {
        setEditing(null);
        void refetch();
      }}
    />;
  }
  const own = data?.templates.filter((template) => template.kind === TemplateKind.OWN) ?? [];
  const starters = data?.templates.filter((template) => template.kind !== TemplateKind.OWN) ?? [];
  return (
    <div className={forms.page}>
      <header>
        {narrow && <Button kind="quiet" onClick={openList}>{t("action.showList")}</Button>}
        <div><h1>{t("contracts.templates.title")}</h1><p className={forms.lead}>{t("contracts.templates.lead")}</p></div>
        <Button kind="primary" icon={<FilePlus2 aria-hidden />} onClick={() => setEditing("new")}>{t("contracts.templates.write")}</Button>
      </header>
      {error && !data ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : !data ? <Waiting /> : (
        <>
          {data.templates.length === 0 && <Empty icon={<FileStack />} title={t("contracts.templates.emptyTitle")}>{t("contracts.templates.emptyText")}</Empty>}
          {own.length > 0 && <Group title={t("contracts.templates.own")} templates={own} onUse={setFilling} onEdit={setEditing} onGone={() => void refetch()} />}
          {starters.length > 0 && <Group title={t("contracts.templates.starters")} templates={starters} onUse={setFilling} onEdit={setEditing} onGone={() => void refetch()} />}
          {data.converter && <p className={forms.quiet}>{t("contracts.templates.converter")}</p>}
        </>
      )}
    </div>
  );
}

function Group({ title, templates, onUse, onEdit, onGone }: { title: string; templates: readonly Template[]; onUse: (template: Template) => void; onEdit: (template: Template) => void; onGone: () => void }) {
  const { t } = useTranslation();
  return (
    <section className={forms.block} aria-label={title}>
      <header><h2>{title}</h2></header>
      <div className={forms.cards}>
        {templates.map((template) => (
          <article key={template.id} className={forms.card} aria-label={template.title}>
            <h3><bdi>{template.title}</bdi></h3>
            <p>{template.summary}</p>
            <small>{t("contracts.templates.blanks", { count: template.fields.length })}{template.parties.length > 0 && ` · ${template.parties.join(" / ")}`}</small>
            <div className={forms.row}>
              <Button kind="primary" onClick={() => onUse(template)}>{t("contracts.templates.use")}</Button>
              <More template={template} onEdit={() => onEdit(template)} onGone={onGone} />
            </div>
          </article>
        ))}
      </div>
    </section>
  );
}

function More({ template, onEdit, onGone }: { template: Template; onEdit: () => void; onGone: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [asking, setAsking] = useState(false);
  const own = template.kind === TemplateKind.OWN;
  const remove = useMutation({
    mutationFn: () => api.contracts.deleteTemplate({ id: template.id }),
    onSuccess: () => {
      setAsking(false);
      onGone();
    },
  });
  return (
    <>
      <Menu
        label={t("contracts.menu.title")} trigger={<IconButton label={t("contracts.templates.options", { name: template.title })}><EllipsisVertical /></IconButton>}
        entries={[
          { key: "edit", label: own ? t("contracts.templates.edit") : t("contracts.templates.copy"), icon: <Pencil aria-hidden />, onSelect: onEdit },
          ...(own ? [{ key: "delete", label: t("contracts.templates.delete"), icon: <Trash2 aria-hidden />, danger: true, divided: true, onSelect: () => setAsking(true) }] : []),
        ]}
      />
      <Confirm open={asking} danger onClose={() => setAsking(false)} onConfirm={() => remove.mutate()} title={t("contracts.templates.deleteTitle", { name: template.title })} action={t("contracts.templates.delete")} busy={remove.isPending} error={remove.error !== null && <ErrorNote cause={remove.error} />}>
        {t("contracts.templates.deleteText")}
      </Confirm>
    </>
  );
}
