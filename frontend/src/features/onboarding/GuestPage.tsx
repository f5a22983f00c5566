import { useMutation, useQuery } from "@tanstack/react-query";
import { Globe, Network, Video } from "lucide-react";
import { useDeferredValue, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { reachOf } from "../../lib/address";
import { joinNames } from "../../lib/names";
import { full } from "../../lib/time";
import { useApi, useShowGuest, useStatus } from "../../live";
import { Button, ErrorNote, Field, useSentence } from "../../ui";
import styles from "./onboarding.module.css";
import { Stage } from "./Stage";

const EXPIRED = "invite_expired";
const NAME_CODES = new Set(["name_empty", "name_too_long", "name_invalid"]);

/** Into one meeting by a link: no workspace, no set-up, a name is enough. */
export function GuestPage({ link: given = "", onBack, onEntered }: { link?: string; onBack: () => void; onEntered?: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const show = useShowGuest();
  const status = useStatus().data;
  const [typed, setTyped] = useState(given);
  const [name, setName] = useState(status?.name || status?.suggestedName || "");
  const link = useDeferredValue(typed.trim());
  const preview = useQuery({
    queryKey: ["preview", "guest", link],
    queryFn: ({ signal }) => api.guest.preview({ link }, { signal }),
    enabled: link !== "",
    retry: false,
  });
  const enter = useMutation({ mutationFn: () => api.guest.enter({ link: typed.trim(), name }), onSuccess: (state) => {
      onEntered?.();
      show(state);
    } });
  const problem = enter.error ? problemOf(enter.error) : null;
  const ofName = problem !== null && NAME_CODES.has(problem.code);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview.data && !enter.isPending) enter.mutate();
  };
  const bad = preview.error ? problemOf(preview.error) : problem?.code === EXPIRED ? problem : null;
  const { reach, hosts } = reachOf(preview.data?.relayHosts ?? []);
  const values = { count: hosts.length, hosts: joinNames(hosts, i18n.language) };
  return (
    <Stage title={t("guest.title")} lead={t("guest.lead")}>
      <form className={styles.form} onSubmit={submit}>
        <Field
          large autoFocus label={t("guest.linkLabel")} placeholder="roundtable://guest/…" value={typed} dir="ltr"
          onChange={(event) => {
            enter.reset();
            setTyped(event.target.value);
          }}
          error={link !== "" && bad ? (bad.code === EXPIRED ? t("guest.refused.invite_expired") : sentence(bad)) : undefined}
        />
        {preview.data && (
          <div className={styles.preview} role="status">
            <span className={styles.meeting} aria-hidden><Video /></span>
            <div>
              <p>{t("guest.preview", { inviter: preview.data.inviterName })}</p>
              <h2><bdi>{preview.data.title}</bdi></h2>
              <p>{t("door.inviteExpires", { date: full(Number(preview.data.expiresUnixMs), i18n.language) })}</p>
              <p className={styles.reach}>
                {reach === "far" ? <Globe aria-hidden /> : <Network aria-hidden />}
                <span>{reach === "far" ? t("door.inviteFar", values) : reach === "inside" ? t("door.inviteInside", values) : t("guest.near")}</span>
              </p>
            </div>
          </div>
        )}
        <Field large label={t("welcome.nameLabel")} value={name} maxLength={600} onChange={(event) => setName(event.target.value)} error={ofName ? sentence(problem) : undefined} hint={t("guest.nameHint")} />
        {problem && !ofName && problem !== bad && <ErrorNote problem={problem} />}
        <Button kind="primary" size="lg" type="submit" busy={enter.isPending} disabled={!preview.data}>{t("guest.enter")}</Button>
        <p className={styles.small}>{t("guest.kept")}</p>
        <Button kind="quiet" onClick={onBack}>{t("action.back")}</Button>
      </form>
    </Stage>
  );
}
