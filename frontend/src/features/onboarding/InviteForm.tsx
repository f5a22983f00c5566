import { useMutation, useQuery } from "@tanstack/react-query";
import { Globe, Network } from "lucide-react";
import { useDeferredValue, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { reachOf } from "../../lib/address";
import { joinNames } from "../../lib/names";
import { full } from "../../lib/time";
import { useApi, useWorkspaces } from "../../live";
import { Avatar, Button, ErrorNote, Field, Select, useSentence } from "../../ui";
import styles from "./onboarding.module.css";
import { Stage } from "./Stage";

/** Shows what a link says before it is used. */
export function InviteForm({ onBack, onBegin, onGuest }: { onBack: () => void; onBegin: () => void; onGuest: (link: string) => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [typed, setTyped] = useState("");
  const link = useDeferredValue(typed.trim());
  const preview = useQuery({
    queryKey: ["preview", link],
    queryFn: ({ signal }) => api.people.previewInvite({ link }, { signal }),
    enabled: link !== "",
    retry: false,
  });
  // In a circle one appears as somebody of a workspace; who has none yet makes one afterwards.
  const homes = useWorkspaces().data?.filter((one) => one.active) ?? [];
  const [chosen, setChosen] = useState("");
  const home = homes.find((one) => one.id === chosen) ?? homes[0];
  const circle = preview.data?.circle ?? false;
  const join = useMutation({
    mutationFn: async () => {
      if (circle && home) await api.circles.joinCircle({ link: typed.trim(), workspaceId: home.id });
      else await api.people.joinByInvite({ link: typed.trim() });
    },
    onSuccess: onBegin,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview.data && !join.isPending) join.mutate();
  };
  return (
    <Stage title={t("door.inviteTitle")}>
      <form className={styles.form} onSubmit={submit}>
        <Field bare large autoFocus label={t("door.inviteLabel")} placeholder={t("door.inviteLabel")} value={typed} dir="ltr" onChange={(event) => {
          join.reset();
          setTyped(event.target.value);
        }} error={link !== "" && preview.error ? sentence(problemOf(preview.error)) : undefined} />
        {preview.data && (
          <div className={styles.preview} role="status">
            <Avatar id={preview.data.workspaceName} name={preview.data.workspaceName} />
            <div>
              <p>{t(preview.data.contract ? "door.contractPreview" : circle ? "circles.preview" : "door.invitePreview", { inviter: preview.data.inviterName })}</p>
              <h2><bdi>{preview.data.workspaceName}</bdi></h2>
              <p>{t("door.inviteExpires", { date: full(Number(preview.data.expiresUnixMs), i18n.language) })}</p>
              <Reach addresses={preview.data.relayHosts} />
            </div>
          </div>
        )}
        {circle && home && (
          <div className={styles.as}>
            <span>{t("circles.as")}</span>
            <Select label={t("circles.as")} value={home.id} onChange={setChosen} options={homes.map((one) => ({ value: one.id, label: one.name }))} />
            <p>{t("circles.asNote")}</p>
          </div>
        )}
        {preview.error && problemOf(preview.error).code === "link_for_guests" && <Button size="lg" onClick={() => onGuest(typed.trim())}>{t("guest.title")}</Button>}
        {join.error && <ErrorNote cause={join.error} />}
        <Button kind="primary" size="lg" type="submit" busy={join.isPending} disabled={!preview.data}>{t(preview.data?.contract ? "door.openContract" : circle ? "circles.open" : "door.join")}</Button>
        <Button kind="quiet" onClick={onBack}>{t("action.back")}</Button>
      </form>
    </Stage>
  );
}

/** From where one can join with it, and what the relay may see. */
function Reach({ addresses }: { addresses: readonly string[] }) {
  const { t, i18n } = useTranslation();
  const { reach, hosts } = reachOf(addresses);
  const values = { count: hosts.length, hosts: joinNames(hosts, i18n.language) };
  return (
    <p className={styles.reach}>
      {reach === "far" ? <Globe aria-hidden /> : <Network aria-hidden />}
      <span>{reach === "far" ? t("door.inviteFar", values) : reach === "inside" ? t("door.inviteInside", values) : t("door.inviteNear")}</span>
    </p>
  );
}
