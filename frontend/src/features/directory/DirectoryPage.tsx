import { UserPlus, Users } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { matchAny } from "../../lib/match";
import { useGo } from "../../lib/routes";
import { useMembers, useWorkspace } from "../../live";
import { Button, Columns, Empty, ErrorNote, SkeletonRows } from "../../ui";
import { ALL, DepartmentList, NONE } from "./DepartmentList";
import styles from "./directory.module.css";
import { DirectoryHead } from "./DirectoryHead";
import { InviteDialog } from "./InviteDialog";
import { PeopleRows } from "./PeopleRows";
import { PersonCard } from "./PersonCard";

export function DirectoryPage({ ws, person, invites = false }: { ws: string; person?: string; invites?: boolean }) {
  const { t } = useTranslation();
  const go = useGo();
  const { data, error, refetch } = useMembers(ws);
  const workspace = useWorkspace(ws);
  const [department, setDepartment] = useState(ALL);
  const [query, setQuery] = useState("");
  const [inviting, setInviting] = useState(invites);
  const shown = useMemo(() => (data ?? []).filter((member) => {
    // Who types looks for somebody, wherever they sit.
    if (query.trim() !== "") return matchAny([member.name, member.title, member.department], query) !== null;
    return department === ALL || member.department === department || (department === NONE && member.department === "");
  }), [data, department, query]);
  const chosen = data?.find((member) => member.personId === person);
  const canInvite = workspace?.canInvite ?? false;
  const invite = canInvite ? <Button kind="primary" icon={<UserPlus aria-hidden />} onClick={() => setInviting(true)}>{t("action.invite")}</Button> : undefined;

  return (
    <Columns
      name={t("directory.list")}
      list={<DepartmentList members={data ?? []} chosen={query.trim() === "" ? department : ALL} onChoose={(next) => {
        setDepartment(next);
        setQuery("");
      }} />}
      context={chosen && <PersonCard key={chosen.personId} ws={ws} member={chosen} onClose={() => go.directory(ws)} />}
    >
      <DirectoryHead query={query} onQuery={setQuery} count={shown.length} action={invite} />
      {error && !data && <div className={styles.note}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows count={8} />}
      {data && shown.length > 0 && <PeopleRows ws={ws} members={shown} query={query} chosen={person} />}
      {data && shown.length === 0 && <Empty icon={<Users />} title={t("directory.noMatch", { query: query.trim() })}>{t("directory.noMatchText")}</Empty>}
      {data?.length === 1 && shown.length === 1 && <Empty icon={<Users />} title={t("directory.alone")} action={invite}>{t("directory.aloneText")}</Empty>}
      {inviting && canInvite && <InviteDialog ws={ws} onClose={() => {
        setInviting(false);
        if (invites) go.directory(ws);
      }} />}
    </Columns>
  );
}
