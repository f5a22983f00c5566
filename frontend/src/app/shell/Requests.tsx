import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Role, type JoinRequest } from "../../api";
import { useApi, useRequests, useWorkspaces } from "../../live";
import { Avatar, Button, Digits, ErrorNote, Select } from "../../ui";
import styles from "./Shell.module.css";

/** Somebody asks to be let in: seen from anywhere, without taking the keyboard away. */
export function Requests() {
  const requests = useRequests(true).data ?? [];
  const first = requests[0];
  return first ? <RequestCard key={first.id} request={first} more={requests.length - 1} /> : null;
}

function RequestCard({ request, more }: { request: JoinRequest; more: number }) {
  const { t } = useTranslation();
  const api = useApi();
  const workspace = useWorkspaces().data?.find((candidate) => candidate.id === request.workspaceId)?.name ?? "";
  const [role, setRole] = useState<"member" | "guest">("member");
  const answer = useMutation({
    mutationFn: (admit: boolean) => api.people.answerRequest({ id: request.id, admit, role: role === "guest" ? Role.GUEST : Role.MEMBER }),
  });
  const { name } = request;
  return (
    <section className={styles.request} role="alertdialog" aria-modal="false" aria-label={t("requests.region")} aria-describedby={`${request.id}-text`}>
      <div className={styles.requestHead}>
        <Avatar id={request.id} name={name} />
        <div>
          <h2>{t("requests.title", { name, workspace })}</h2>
          <p>{t("requests.from", { device: request.deviceName })}</p>
        </div>
      </div>
      <Digits value={request.digits} label={t("requests.digits")} />
      <p id={`${request.id}-text`} className={styles.requestText}>{t("requests.compare", { name })}</p>
      {answer.error && <ErrorNote cause={answer.error} />}
      <div className={styles.requestRow}>
        <span className={styles.label}>{t("requests.role")}</span>
        <Select
          label={t("requests.role")} value={role} onChange={setRole}
          options={[{ value: "member", label: t("role.member"), note: t("role.memberNote") }, { value: "guest", label: t("role.guest"), note: t("role.guestNote") }]}
        />
      </div>
      <div className={styles.requestRow}>
        <Button className={styles.wide} disabled={answer.isPending} onClick={() => answer.mutate(false)}>{t("action.refuse")}</Button>
        <Button className={styles.wide} kind="primary" busy={answer.isPending} onClick={() => answer.mutate(true)}>{t("action.admit")}</Button>
      </div>
      {more > 0 && <p className={styles.note}>{t("requests.more", { count: more })}</p>}
    </section>
  );
}
