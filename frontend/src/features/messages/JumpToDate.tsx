import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Dialog, ErrorNote, Field } from "../../ui";
import type { StretchView } from "./useStretch";

/** Shows the first message of a day, or the next one after it. */
export function JumpToDate({ view, onClose }: { view: StretchView; onClose: () => void }) {
  const { t } = useTranslation();
  const [date, setDate] = useState("");
  const at = date === "" ? NaN : new Date(`${date}T00:00:00`).getTime();
  const go = useMutation({ mutationFn: () => view.toPlace({ aroundUnixMs: BigInt(at) }), onSuccess: (found) => found && onClose() });
  const submit = () => Number.isFinite(at) && at > 0 && go.mutate();
  return (
    <Dialog
      open onClose={onClose} title={t("depth.toDate")} size="sm"
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" busy={go.isPending} disabled={!(at > 0)} onClick={submit}>{t("depth.jump")}</Button></>}
    >
      <form onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}>
        <Field label={t("depth.date")} type="date" value={date} max="9999-12-31" onChange={(event) => setDate(event.target.value)} />
      </form>
      {go.data === false && <p role="status">{t("depth.nothingAfter")}</p>}
      {go.error && <ErrorNote cause={go.error} />}
    </Dialog>
  );
}
