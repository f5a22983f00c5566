import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Whom, type Card, type Department, type RecordCode } from "../../api";
import { useApi, usePeoplePage } from "../../live";
import { Button, Dialog, ErrorNote, InfoNote, Progress, Select } from "../../ui";
import styles from "./codes.module.css";
import { MadeCodes } from "./MadeCodes";

const LIVES = [["day", 86_400n], ["week", 604_800n], ["month", 2_592_000n]] as const;
/** So many codes are made by one call. */
const CALL = 200;
/** From so many on the dialog says how long it takes, and what is best done with them. */
const MANY = 1000;

/** One-time codes for people with a record who are not in the workspace: for one, or for all of a department and below. */
export function CodesDialog({ ws, record, department, onClose }: { ws: string; record?: Card; department?: Department | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [life, setLife] = useState<(typeof LIVES)[number][0]>("week");
  const departmentId = department?.own === false ? department.id : "";
  const count = usePeoplePage(ws, { department: departmentId, whom: Whom.OUTSIDE, query: "" }, 0).data?.total ?? 0;
  const [made, setMade] = useState<readonly RecordCode[]>([]);
  const [total, setTotal] = useState(0);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const make = useMutation({
    async mutationFn() {
      const halt = new AbortController();
      stop.current = halt;
      const expiresSeconds = LIVES.find(([key]) => key === life)![1];
      const ids: string[] = record ? [record.recordId] : [];
      for (let offset = 0; !record && offset < count; offset += CALL) {
        const { rows } = await api.directory.people({ workspaceId: ws, departmentId, whom: Whom.OUTSIDE, offset, limit: CALL }, { signal: halt.signal });
        ids.push(...rows.map(({ key }) => key.replace(/^rec_/, "")));
      }
      setTotal(ids.length);
      // What was asked for is waited for, so that no code is made that nobody sees.
      for (let at = 0; at < ids.length && !halt.signal.aborted; at += CALL) {
        const { codes } = await api.directory.inviteRecords({ workspaceId: ws, recordIds: ids.slice(at, at + CALL), expiresSeconds });
        setMade((now) => [...now, ...codes]);
      }
    },
  });
  const working = make.isPending && !record;
  return (
    <Dialog open onClose={onClose} size="lg" title={record ? t("directory.codeFor", { name: record.name }) : t("directory.codes")} description={t("directory.codesText")}>
      {working && (
        <div className={styles.working} role="status">
          <Progress done={BigInt(made.length)} total={BigInt(total)} label={t("directory.codesProgress", { done: made.length, total })} />
          <span>{t("directory.codesProgress", { done: made.length, total })}</span>
          <Button onClick={() => stop.current?.abort()}>{t("directory.codesStop")}</Button>
        </div>
      )}
      {make.error && <ErrorNote cause={make.error} />}
      {!working && made.length === 0 && (
        <div className={styles.ask}>
          <Select label={t("invites.expires")} value={life} onChange={setLife} options={LIVES.map(([key]) => ({ value: key, label: t(`invites.${key}`) }))} />
          {!record && count > MANY && <InfoNote>{t("directory.codesBound", { total: count, step: CALL })}</InfoNote>}
          <Button kind="primary" size="lg" busy={make.isPending} disabled={!record && count === 0} onClick={() => make.mutate()}>
            {record ? t("directory.makeCode") : t("directory.makeCodes", { count })}
          </Button>
        </div>
      )}
      {!working && made.length > 0 && <MadeCodes ws={ws} codes={made} />}
    </Dialog>
  );
}
