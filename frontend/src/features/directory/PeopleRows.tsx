import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { VList } from "virtua";
import { Role, type Member } from "../../api";
import { usePresence } from "../../live";
import { Avatar, Highlight, Tag } from "../../ui";
import styles from "./directory.module.css";
import { useRoleName } from "./roles";

export function PeopleRows({ ws, members, query, chosen }: { ws: string; members: readonly Member[]; query: string; chosen: string | undefined }) {
  const { t } = useTranslation();
  const presence = usePresence();
  const roleName = useRoleName();
  return (
    <div className={styles.rows} data-short={members.length < 3 ? "" : undefined} role="group" aria-label={t("directory.rows")}>
      <VList itemSize={58} className={styles.virtual}>
        {members.map((member) => {
          const online = presence.people.has(member.personId);
          return (
            <Link
              key={member.personId} to="/w/$ws/directory/$person" params={{ ws, person: member.personId }} className={styles.row}
              aria-current={member.personId === chosen ? "true" : undefined}
            >
              <Avatar id={member.personId} name={member.name} size="sm" />
              <span className={styles.name}>
                <span className={styles.nameLine}><Highlight text={member.name} query={query} />{member.isMe && <Tag>{t("directory.me")}</Tag>}</span>
                <small>
                  {member.title !== "" && <Highlight text={member.title} query={query} />}
                  {member.department !== "" && <span className={styles.inLine}>{member.title !== "" && " · "}<Highlight text={member.department} query={query} /></span>}
                </small>
              </span>
              <span className={styles.dept}><Highlight text={member.department} query={query} /></span>
              <span className={styles.role}>{member.role !== Role.MEMBER && <Tag>{roleName(member.role)}</Tag>}</span>
              <span className={styles.presence} data-online={online || member.isMe ? "" : undefined}><i aria-hidden />{member.isMe ? t("settings.device") : online ? t("presence.online") : t("presence.offline")}</span>
            </Link>
          );
        })}
      </VList>
    </div>
  );
}
