import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound, ShieldCheck } from "lucide-react";
import { useDeferredValue, useId, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { useApi, useShowRelays } from "../../live";
import { Button, Dialog, ErrorNote, Field, RelayIcon, useSentence } from "../../ui";
import { relayName } from "./relayName";
import styles from "./relays.module.css";

/** Shows what a relay link says before it is used. */
export function AddRelay({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const show = useShowRelays(ws);
  const form = useId();
  const [typed, setTyped] = useState("");
  const link = useDeferredValue(typed.trim());
  const preview = useQuery({
    queryKey: ["preview relay", link],
    queryFn: ({ signal }) => api.relay.previewRelay({ link }, { signal }),
    enabled: link !== "",
    retry: false,
    // It holds a token: nothing keeps it longer than it is shown.
    gcTime: 0,
  });
  const add = useMutation({
    mutationFn: () => api.relay.addRelay({ workspaceId: ws, link: typed.trim() }),
    gcTime: 0,
    onSuccess: (relays) => {
      show(relays);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview.data && !add.isPending) add.mutate();
  };
  const named = preview.data;
  return (
    <Dialog
      open onClose={onClose} title={t("relays.add")} description={t("relays.addText")}
      actions={(
        <>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} busy={add.isPending} disabled={!named}>{t("relays.addAction")}</Button>
        </>
      )}
    >
      <form id={form} className={styles.form} onSubmit={submit}>
        <Field
          autoFocus label={t("relays.link")} hint={t("relays.linkHint")} placeholder="roundtable://relay/…" value={typed} dir="ltr"
          onChange={(event) => {
            add.reset();
            setTyped(event.target.value);
          }}
          error={link !== "" && preview.error ? sentence(problemOf(preview.error)) : undefined}
        />
        {named && (
          <section className={styles.preview} aria-label={t("relays.previewLabel")} role="status">
            <RelayIcon />
            <div>
              <h3><bdi>{relayName(named)}</bdi></h3>
              {named.name !== "" && <p className={styles.host} dir="ltr">{named.host}</p>}
              <p className={styles.trust}>
                {named.pinned ? <KeyRound aria-hidden /> : <ShieldCheck aria-hidden />}
                <span>{named.pinned ? <><b>{t("relays.pinned")}</b>{t("relays.pinnedNote")}</> : t("relays.authority")}</span>
              </p>
            </div>
          </section>
        )}
        {add.error && <ErrorNote cause={add.error} />}
      </form>
    </Dialog>
  );
}
