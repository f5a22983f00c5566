import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Invite } from "../../api";
import { reachOf } from "../../lib/address";
import { full } from "../../lib/time";
import { useApi, useInvites, useRuntime } from "../../live";
import { Button, CopyButton, ErrorNote } from "../../ui";
import styles from "./invite.module.css";
import { useRoleName } from "./roles";

export function InviteList({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { data, error } = useInvites(ws);
  return (
    <section className={styles.list} aria-label={t("invites.existing")}>
      <h3>{t("invites.existing")}</h3>
      {error && <ErrorNote cause={error} />}
      {data?.length === 0 && <p className={styles.quiet}>{t("invites.none")}</p>}
      <ul>{data?.map((invite) => <InviteRow key={invite.id} ws={ws} invite={invite} />)}</ul>
    </section>
  );
}

function InviteRow({ ws, invite }: { ws: string; invite: Invite }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const runtime = useRuntime();
  const roleName = useRoleName();
  const revoke = useMutation({ mutationFn: () => api.people.revokeInvite({ workspaceId: ws, inviteId: invite.id }) });
  const { reach } = reachOf(invite.relayHosts);
  const expires = Number(invite.expiresUnixMs);
  const ended = invite.revoked ? t("invites.revoked") : expires < Date.now() ? t("invites.expired") : invite.uses >= invite.maxUses ? t("invites.usedUp") : null;
  return (
    <li className={styles.invite}>
      <div>
        <p>{roleName(invite.role)} · {t("invites.used", { uses: invite.uses, max: invite.maxUses })}{invite.createdBy !== "" && <> · {t("invites.by", { name: invite.createdBy })}</>}</p>
        <p className={styles.quiet}>{ended ?? <>{t("invites.until", { date: full(expires, i18n.language) })} · {reach === "far" ? t("invites.far") : reach === "inside" ? t("invites.inside") : t("invites.near")}</>}</p>
        {revoke.error && <ErrorNote cause={revoke.error} />}
      </div>
      {!ended && (
        <>
          {invite.link !== "" && <CopyButton text={invite.link} copy={runtime.copyText} />}
          <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>{t("invites.revoke")}</Button>
        </>
      )}
    </li>
  );
}
