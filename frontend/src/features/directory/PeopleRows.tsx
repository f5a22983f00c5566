import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { VList } from "virtua";
import { Role, type PersonRow } from "../../api";
import { PAGE, useIsOnline, usePeoplePage, type Listed } from "../../live";
import { Avatar, Highlight, Tag } from "../../ui";
import styles from "./directory.module.css";
import { useAwayWord } from "./away";
import { useRoleName } from "./roles";

/** All rows of a list by their place; each asks for the page that it is on. */
export function PeopleRows({ ws, listed, total, chosen }: { ws: string; listed: Listed; total: number; chosen: string | undefined }) {
  const { t } = useTranslation();
  const places = Array.from({ length: total }, (_, place) => place);
  return (
    <div className={styles.rows} data-short={total < 3 ? "" : undefined} role="group" aria-label={t("directory.rows")}>
      <VList key={`${listed.department} ${listed.whom} ${listed.query}`} data={places} itemSize={58} className={styles.virtual}>
        {(place) => <PlacedRow key={place} ws={ws} listed={listed} place={place} chosen={chosen} />}
      </VList>
    </div>
  );
}

function PlacedRow({ ws, listed, place, chosen }: { ws: string; listed: Listed; place: number; chosen: string | undefined }) {
  const row = usePeoplePage(ws, listed, Math.floor(place / PAGE)).data?.rows[place % PAGE];
  return row ? <Row ws={ws} row={row} query={listed.query} chosen={chosen} /> : <div className={styles.row} aria-hidden />;
}

/** A name with what a question found in it marked; offsets count characters. */
function Marked({ text, marks }: { text: string; marks: readonly number[] }) {
  if (marks.length === 0) return <bdi>{text}</bdi>;
  const signs = [...text];
  const parts = [];
  let at = 0;
  for (let i = 0; i + 1 < marks.length; i += 2) {
    parts.push(signs.slice(at, marks[i]).join(""), <mark key={i}>{signs.slice(marks[i], marks[i + 1]).join("")}</mark>);
    at = marks[i + 1]!;
  }
  return <bdi>{parts}{signs.slice(at).join("")}</bdi>;
}

function Row({ ws, row, query, chosen }: { ws: string; row: PersonRow; query: string; chosen: string | undefined }) {
  const { t } = useTranslation();
  const roleName = useRoleName();
  const awayWord = useAwayWord();
  const inside = row.personId !== "";
  const online = useIsOnline(row.personId);
  const state = !inside ? t(row.left ? "directory.hasLeft" : "directory.notJoined") : row.isMe ? t("settings.device") : online ? t("presence.online") : t("presence.offline");
  return (
    <Link
      to="/w/$ws/directory/$person" params={{ ws, person: row.key }} className={styles.row}
      aria-current={row.key === chosen ? "true" : undefined}
    >
      <Avatar id={row.key} name={row.name} size="sm" />
      <span className={styles.name}>
        <span className={styles.nameLine}><Marked text={row.name} marks={row.marks} />{row.isMe && <Tag>{t("directory.me")}</Tag>}{row.lead && <Tag>{t("directory.lead")}</Tag>}{row.away && <Tag>{awayWord(row.away)}</Tag>}</span>
        <small>
          {row.title !== "" && <Highlight text={row.title} query={query} />}
          {row.department !== "" && <span className={styles.inLine}>{row.title !== "" && " · "}<Highlight text={row.department} query={query} /></span>}
        </small>
      </span>
      <span className={styles.dept}><Highlight text={row.department} query={query} /></span>
      <span className={styles.role}>{inside && row.role !== Role.MEMBER && row.role !== Role.UNSPECIFIED && <Tag>{roleName(row.role)}</Tag>}</span>
      <span className={styles.presence} data-outside={inside ? undefined : ""} data-online={online || row.isMe ? "" : undefined}><i aria-hidden />{state}</span>
    </Link>
  );
}
