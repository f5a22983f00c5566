import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Department } from "../../api";
import { useApi, useTree } from "../../live";
import { Button, Dialog, ErrorNote, Field } from "../../ui";
import styles from "./card.module.css";
import { DepartmentTree } from "./DepartmentTree";
import rows from "./directory.module.css";

/** Makes a department below `parent`, or changes one: its name, where it stands, and its place among its siblings. */
export function DepartmentDialog({ ws, parent, department, onClose, onGone }: {
  ws: string; parent?: Department | undefined; department?: Department; onClose: () => void; onGone?: () => void;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const [name, setName] = useState(department?.name ?? "");
  const [above, setAbove] = useState(department?.parentId ?? parent?.id ?? "");
  const siblings = useTree(ws, above).data?.departments.filter((other) => !other.own) ?? [];
  const at = siblings.findIndex((other) => other.id === department?.id);
  const administers = useTree(ws, "").data?.administers ?? false;
  const save = useMutation({
    mutationFn: (position?: number) => api.directory.saveDepartment({
      workspaceId: ws, id: department?.id ?? "", ...(name !== department?.name && { name }),
      ...((above !== department?.parentId || position !== undefined) && { parentId: above }), ...(position !== undefined && { position }),
    }),
    onSuccess: (_, position) => position === undefined && onClose(),
  });
  const remove = useMutation({
    mutationFn: () => api.directory.removeDepartment({ workspaceId: ws, id: department!.id }),
    onSuccess: () => {
      onGone?.();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  const title = department ? t("directory.changeDepartment") : parent ? t("directory.addBelow", { name: parent.name }) : t("directory.addDepartment");
  return (
    <Dialog open onClose={onClose} title={title} actions={(
      <>
        {department && <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>{t("directory.removeDepartment")}</Button>}
        <Button kind="primary" type="submit" form="department" busy={save.isPending}>{t("action.save")}</Button>
      </>
    )}>
      <form id="department" className={styles.form} onSubmit={submit}>
        <Field label={t("directory.departmentName")} value={name} autoFocus onChange={(event) => setName(event.target.value)} />
        {department && (
          <>
            {at >= 0 && siblings.length > 1 && (
              <div className={styles.calls}>
                <Button disabled={at === 0 || save.isPending} onClick={() => save.mutate(at - 1)}>{t("directory.moveUp")}</Button>
                <Button disabled={at === siblings.length - 1 || save.isPending} onClick={() => save.mutate(at + 1)}>{t("directory.moveDown")}</Button>
              </div>
            )}
            <fieldset className={styles.choose}>
              <legend>{t("directory.below")}</legend>
              {administers && <button type="button" className={rows.department} aria-current={above === "" ? "true" : undefined} onClick={() => setAbove("")}><span>{t("directory.atTop")}</span></button>}
              <DepartmentTree ws={ws} chosen={above} onChoose={({ id }) => setAbove(id)} hides={(other) => other.own || other.id === department.id} />
            </fieldset>
            <p className={styles.quiet}>{t("directory.removeDepartmentText")}</p>
          </>
        )}
        {(save.error ?? remove.error) && <ErrorNote cause={save.error ?? remove.error} />}
      </form>
    </Dialog>
  );
}
