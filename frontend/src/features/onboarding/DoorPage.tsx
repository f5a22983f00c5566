import { useMutation } from "@tanstack/react-query";
import { Building2, Link2, Video } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { JoinState } from "../../api";
import { useApi, useCurrentJoin, useStatus } from "../../live";
import { Button, ErrorNote, InfoNote } from "../../ui";
import { Attempt } from "./Attempt";
import { CreateForm } from "./CreateForm";
import { GuestPage } from "./GuestPage";
import { InviteForm } from "./InviteForm";
import { LanguageChoice } from "./LanguageChoice";
import { Nearby } from "./Nearby";
import styles from "./onboarding.module.css";
import { Stage } from "./Stage";

const UNDER_WAY = new Set([JoinState.CONNECTING, JoinState.COMPARING, JoinState.FETCHING]);

/** Second question: join a workspace that is there, or make one. Also reached later, to join another. */
export function DoorPage({ onEnter, onContract, onCircle, onBack }: {
  onEnter: (workspace: string) => void;
  /** A contract came by a link. Without it there is no workspace yet to show it in. */
  onContract?: (contract: string) => void;
  /** We are in a circle. Likewise. */
  onCircle?: (circle: string) => void;
  onBack?: () => void;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const status = useStatus().data;
  const name = status?.name ?? "";
  const awaited = status?.warnings.includes("history_awaited") ?? false;
  const [view, setView] = useState<"choose" | "create" | "invite" | "guest">("choose");
  const [guestLink, setGuestLink] = useState("");
  const join = useCurrentJoin().data;
  // The program remembers how the last attempt ended; only one that we saw begin is shown to its end.
  const [watching, setWatching] = useState(false);
  const underWay = join !== undefined && UNDER_WAY.has(join.state);
  useEffect(() => {
    if (underWay) setWatching(true);
  }, [underWay]);
  const ask = useMutation({
    mutationFn: (where: { workspaceId: string; deviceId: string }) => api.people.askToJoin(where),
    onMutate: () => setWatching(true),
    onError: () => setWatching(false),
  });
  const [invited, setInvited] = useState<"contract" | "circle" | null>(null);
  const toContract = useCallback((contract: string) => {
    if (onContract) return onContract(contract);
    setWatching(false);
    setInvited("contract");
    setView("create");
  }, [onContract]);
  const toCircle = useCallback((circle: string) => {
    if (onCircle) return onCircle(circle);
    setWatching(false);
    setInvited("circle");
    setView("create");
  }, [onCircle]);
  const end = () => {
    setWatching(false);
    ask.reset();
  };

  if (watching && join && join.state !== JoinState.NONE && join.state !== JoinState.UNSPECIFIED) {
    return <Attempt join={join} onEnd={end} onEnter={onEnter} onContract={toContract} onCircle={toCircle} />;
  }
  if (view === "create") return <CreateForm invited={invited} onBack={() => setView("choose")} onEnter={onEnter} />;
  if (view === "guest") return <GuestPage link={guestLink} onBack={() => setView("choose")} />;
  if (view === "invite") {
    const toGuest = (link: string) => {
      setGuestLink(link);
      setView("guest");
    };
    return <InviteForm onBack={() => setView("choose")} onBegin={() => setWatching(true)} onGuest={toGuest} />;
  }
  return (
    <Stage wide title={t("door.title")} lead={name === "" ? undefined : t("door.hello", { name })}>
      {awaited && <div className={styles.section}><InfoNote tone="warn">{t("warnings.history_awaited")}</InfoNote></div>}
      {ask.error && <div className={styles.section}><ErrorNote cause={ask.error} /></div>}
      <Nearby busy={ask.isPending} onAsk={(workspaceId, deviceId) => ask.mutate({ workspaceId, deviceId })} />
      <div className={styles.ways}>
        <button type="button" className={styles.way} onClick={() => setView("create")}>
          <Building2 aria-hidden /><b>{t("door.create")}</b><span>{t("door.createNote")}</span>
        </button>
        <button type="button" className={styles.way} onClick={() => setView("invite")}>
          <Link2 aria-hidden /><b>{t("door.invite")}</b><span>{t("door.inviteNote")}</span>
        </button>
      </div>
      <div className={styles.other}><Button kind="quiet" icon={<Video aria-hidden />} onClick={() => setView("guest")}>{t("guest.title")}</Button></div>
      {onBack ? <div className={styles.row}><Button kind="quiet" onClick={onBack}>{t("door.stepBack")}</Button></div> : <LanguageChoice />}
    </Stage>
  );
}
