import { Building, FileDown, FileUp, History, Pencil, ShieldCheck, Ticket, UserPlus, UserRoundPlus, Users } from "lucide-react";
import { lazy, Suspense, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Whom } from "../../api";
import { useKept } from "../../lib/kept";
import { setShallow, touch, useShallow } from "../../lib/near";
import { useGo } from "../../lib/routes";
import { useCard, usePeoplePage, useTree, useWorkspace, type Listed } from "../../live";
import { Button, Columns, Empty, ErrorNote, Menu, SkeletonRows, type MenuEntry } from "../../ui";
import { DepartmentDialog } from "./DepartmentDialog";
import { DepartmentList, EVERYBODY, type Shown } from "./DepartmentList";
import styles from "./directory.module.css";
import { DirectoryHead } from "./DirectoryHead";
import { InviteDialog } from "./InviteDialog";
import { PeopleRows } from "./PeopleRows";
import { PersonCard } from "./PersonCard";
import { RecordDialog } from "./RecordDialog";

const ImportDialog = lazy(async () => ({ default: (await import("./ImportDialog")).ImportDialog }));
const ExportDialog = lazy(async () => ({ default: (await import("./ExportDialog")).ExportDialog }));
const CodesDialog = lazy(async () => ({ default: (await import("./CodesDialog")).CodesDialog }));
const ChangesDialog = lazy(async () => ({ default: (await import("./ChangesDialog")).ChangesDialog }));
const DelegatesDialog = lazy(async () => ({ default: (await import("./DelegatesDialog")).DelegatesDialog }));

type Opened = "none" | "invite" | "record" | "department" | "child" | "import" | "export" | "codes" | "changes" | "delegates";

export function DirectoryPage({ ws, person, invites = false }: { ws: string; person?: string; invites?: boolean }) {
  const { t } = useTranslation();
  const go = useGo();
  const workspace = useWorkspace(ws);
  // A card has an address of its own; whoever opens one finds the list as it was.
  const [place, setShown] = useKept<Shown>(`directory place ${ws}`, EVERYBODY);
  const [query, setQuery] = useKept(`directory query ${ws}`, "");
  const shallow = useShallow(ws);
  const here = useTree(ws, place.department, place.department !== "").data;
  const known = place.department === "" || here !== undefined;
  const isGone = place.department !== "" && here?.path.length === 0;
  const shown: Shown = isGone ? EVERYBODY : place.department === "" ? place : { ...place, whom: shallow ? Whom.HERE : Whom.BELOW };
  const [opened, setOpened] = useState<Opened>(invites ? "invite" : "none");
  const asked = useDeferredValue(query.trim());
  // Who types looks for somebody, wherever they sit.
  const listed: Listed = asked === "" ? { ...shown, query: "" } : { ...EVERYBODY, query: asked };
  const { data, error, refetch } = usePeoplePage(ws, listed, 0);
  const top = useTree(ws, "").data;
  const path = shown.department === "" ? [] : (here?.path ?? []);
  const department = path.at(-1);
  const card = useCard(ws, person);
  const canInvite = workspace?.canInvite ?? false;
  // What is done to a department waits until it is known which one that is: it would be done to everybody else.
  const doing = known ? opened : "none";
  const close = () => {
    setOpened("none");
    if (invites) go.directory(ws);
  };
  const show = (next: Shown) => {
    setShown(next);
    setQuery("");
  };
  const openPerson = (key: string) => {
    touch(ws, key);
    go.person(ws, key);
  };
  const fillsHere = top !== undefined && (top.administers || (department?.canFill ?? false));
  const entry = (key: Opened, label: string, icon: MenuEntry["icon"], divided = false): MenuEntry => ({ key, label, icon, divided, onSelect: () => setOpened(key) });
  const entries: MenuEntry[] = [
    ...(department?.canFill || top?.administers ? [entry("record", t("directory.addRecord"), <UserRoundPlus aria-hidden />)] : []),
    ...(department?.canFill ? [entry("child", t("directory.addBelow", { name: department.name }), <Building aria-hidden />)] : []),
    ...(department?.canChange ? [entry("department", t("directory.changeDepartment"), <Pencil aria-hidden />)] : []),
    ...(top?.administers && department && !department.own ? [entry("delegates", t("directory.delegates"), <ShieldCheck aria-hidden />)] : []),
    ...(fillsHere || (top?.fills && shown.department === "") ? [entry("import", t("directory.import"), <FileUp aria-hidden />, true)] : []),
    ...(fillsHere ? [entry("export", t("directory.export"), <FileDown aria-hidden />)] : []),
    ...(top?.administers ? [entry("changes", t("directory.changes"), <History aria-hidden />, true)] : []),
    ...(fillsHere && top.outside > 0 ? [entry("codes", t("directory.codes"), <Ticket aria-hidden />)] : []),
  ];
  const invite = canInvite ? <Button kind="primary" icon={<UserPlus aria-hidden />} onClick={() => setOpened("invite")}>{t("action.invite")}</Button> : undefined;
  const total = data?.total ?? 0;

  return (
    <Columns
      name={t("directory.list")}
      list={<DepartmentList ws={ws} shown={asked === "" ? shown : EVERYBODY} path={path.map(({ id }) => id)} onShow={show} onPerson={openPerson} onAdd={() => {
        setShown(EVERYBODY);
        setOpened("child");
      }} />}
      context={card.data && person !== undefined && <PersonCard key={card.data.key} ws={ws} card={card.data} onClose={() => go.directory(ws)} onPerson={openPerson} />}
    >
      <DirectoryHead query={query} onQuery={setQuery} count={data?.total} path={asked === "" ? path : []} onPath={(id) => show(id === "" ? EVERYBODY : { department: id, whom: Whom.BELOW })} shallow={shallow} onShallow={(next) => setShallow(ws, next)} action={(
        <>
          {invite}
          {entries.length > 0 && <Menu label={t("directory.manage")} entries={entries} trigger={<Button>{t("directory.manage")}</Button>} />}
        </>
      )} />
      {department?.refused && <p className={styles.warn} role="status">{t("directory.refused", { name: department.name })}</p>}
      {error && !data && <div className={styles.note}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows count={8} />}
      {data && total > 0 && <PeopleRows ws={ws} listed={listed} total={total} chosen={card.data?.key ?? person} />}
      {data && total === 0 && asked !== "" && <Empty icon={<Users />} title={t("directory.noMatch", { query: asked })}>{t("directory.noMatchText")}</Empty>}
      {data && total === 0 && asked === "" && (
        <Empty icon={<Users />} title={t("directory.emptyHere")} action={shallow && department && department.below > 0 && <Button onClick={() => setShallow(ws, false)}>{t("directory.deep.show", { count: department.below })}</Button>} />
      )}
      {total === 1 && top?.total === 1 && <Empty icon={<Users />} title={t("directory.alone")} action={invite}>{t("directory.aloneText")}</Empty>}
      {opened === "invite" && canInvite && <InviteDialog ws={ws} onClose={close} />}
      {doing === "record" && <RecordDialog ws={ws} canHide={top?.administers ?? false} department={department?.own === false ? department : undefined} onClose={close} onMade={openPerson} />}
      {doing === "child" && <DepartmentDialog ws={ws} parent={department} onClose={close} />}
      {doing === "department" && department && <DepartmentDialog ws={ws} department={department} onClose={close} onGone={() => setShown(EVERYBODY)} />}
      <Suspense>
        {doing === "import" && <ImportDialog ws={ws} department={department?.canFill ? department : undefined} delegated={top?.administers === false} onClose={close} onCodes={() => setOpened("codes")} />}
        {doing === "export" && <ExportDialog ws={ws} department={department} onClose={close} />}
        {doing === "codes" && <CodesDialog ws={ws} department={department} onClose={close} />}
        {doing === "changes" && <ChangesDialog ws={ws} onClose={close} />}
        {doing === "delegates" && department && <DelegatesDialog ws={ws} department={department} onClose={close} />}
      </Suspense>
    </Columns>
  );
}
