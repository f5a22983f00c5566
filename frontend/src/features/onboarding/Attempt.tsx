import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { JoinState, type JoinAttempt } from "../../api";
import { useApi } from "../../live";
import { Button, Digits, ErrorNote, Waiting } from "../../ui";
import styles from "./onboarding.module.css";
import { Stage } from "./Stage";

/** One attempt to get in, from asking to its end. */
export function Attempt({ join, onEnd, onEnter, onContract, onCircle }: {
  join: JoinAttempt;
  onEnd: () => void;
  onEnter: (workspace: string) => void;
  onContract: (contract: string) => void;
  onCircle: (circle: string) => void;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const cancel = useMutation({ mutationFn: () => api.people.cancelJoin({}), onSettled: onEnd });
  const person = join.personName === "" ? t("join.someone") : join.personName;
  const done = join.state === JoinState.DONE ? join.workspaceId : "";
  useEffect(() => {
    if (done !== "") (join.contract ? onContract : join.circle ? onCircle : onEnter)(done);
  }, [done, join.contract, join.circle, onEnter, onContract, onCircle]);

  const cancelButton = <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>{t("action.cancel")}</Button>;
  const backButton = <Button kind="primary" onClick={onEnd}>{t("join.again")}</Button>;
  switch (join.state) {
    case JoinState.COMPARING:
      return (
        <Stage title={t("join.comparingTitle", { person })} lead={join.workspaceName}>
          <div className={styles.attempt}>
            <Digits value={join.digits} label={t("join.digits")} />
            <p>{t("join.comparing", { person })}</p>
            <Waiting label={t("join.waiting", { person })} />
            {cancelButton}
          </div>
        </Stage>
      );
    case JoinState.FETCHING:
    case JoinState.DONE:
      return (
        <Stage title={t("join.fetchingTitle")}>
          <div className={styles.attempt}><Waiting label={t(join.contract ? "join.fetchingContract" : join.circle ? "circles.fetching" : "join.fetching", { workspace: join.workspaceName })} /></div>
        </Stage>
      );
    case JoinState.REFUSED:
      return <Stage title={t("join.refusedTitle")} lead={t("join.refused", { person })}><div className={styles.row}>{backButton}</div></Stage>;
    case JoinState.FAILED:
      return (
        <Stage title={t("join.failedTitle")}>
          <div className={styles.attempt}><ErrorNote problem={{ code: join.errorCode, params: {} }} />{backButton}</div>
        </Stage>
      );
    default:
      return (
        <Stage title={t("join.connectingTitle")} lead={join.workspaceName}>
          <div className={styles.attempt}>
            <Waiting label={join.personName === "" ? t("join.connectingPlain") : t("join.connecting", { person })} />
            {cancelButton}
          </div>
        </Stage>
      );
  }
}
