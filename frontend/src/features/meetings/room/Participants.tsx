import { Search, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallParticipant, CallState } from "../../../api";
import { Avatar, Button, Tag } from "../../../ui";
import { useCall } from "../context";
import { GuestLinks } from "../guest/GuestLinks";
import { mayInviteGuests } from "../guest/may";
import { outsideWord, usePersonNames } from "../words";
import { find, forList, mayLead, selfOf } from "./people";
import { PersonRow } from "./PersonRow";
import styles from "./people.module.css";

/** Many more than this are found by name. */
const SEARCH_FROM = 8;

export function Participants({ state }: { state: CallState }) {
  const { t } = useTranslation();
  const { control } = useCall();
  const nameOf = usePersonNames(state);
  const [query, setQuery] = useState("");
  const [inviting, setInviting] = useState(false);
  const leads = mayLead(selfOf(state));
  const invites = mayInviteGuests(state);
  const named = forList(state.participants, state.selfId).map((one) => ({ one, name: nameOf(one) }));
  const shown = find(named, query);
  return (
    <div className={styles.people}>
      {leads && state.lobby.length > 0 && (
        <section className={styles.lobby} aria-labelledby="lobby">
          <header><h3 id="lobby">{t("meetings.people.waiting", { count: state.lobby.length })}</h3>{state.lobby.length > 1 && <Button kind="quiet" onClick={() => void control({ case: "admitAll", value: true })}>{t("meetings.knock.admitAll")}</Button>}</header>
          <ul>{state.lobby.map((one) => <li key={one.deviceId}><Waiting one={one} name={nameOf(one)} /></li>)}</ul>
        </section>
      )}
      {named.length >= SEARCH_FROM && (
        <label className={styles.search}>
          <Search aria-hidden />
          <input type="search" value={query} aria-label={t("meetings.people.find")} placeholder={t("meetings.people.find")} spellCheck={false} autoComplete="off" onChange={(event) => setQuery(event.target.value)} />
        </label>
      )}
      <ul className={styles.rows} aria-label={t("meetings.people.title")}>
        {shown.map(({ one, name }) => <li key={one.deviceId}><PersonRow state={state} one={one} name={name} leads={leads} /></li>)}
      </ul>
      {shown.length === 0 && <p className={styles.none} role="status">{t("search.none", { query })}</p>}
      {(invites || (leads && state.participants.length > 2)) && (
        <div className={styles.foot}>
          {invites && <Button icon={<UserPlus aria-hidden />} onClick={() => setInviting(true)}>{t("meetings.guests.open")}</Button>}
          {leads && state.participants.length > 2 && <Button onClick={() => void control({ case: "mute", value: "all" })}>{t("meetings.rule.muteAll")}</Button>}
        </div>
      )}
      {inviting && <GuestLinks of={{ callId: state.call!.id, plannedId: "" }} onClose={() => setInviting(false)} />}
    </div>
  );
}

function Waiting({ one, name }: { one: CallParticipant; name: string }) {
  const { t } = useTranslation();
  const { control } = useCall();
  return (
    <div className={styles.waiting}>
      <Avatar id={one.personId} name={name} size="xs" />
      <span className={styles.name}><bdi>{name}</bdi>{one.external && <Tag>{outsideWord(one, t)}</Tag>}</span>
      <Button aria-label={t("meetings.knock.denyName", { name })} onClick={() => void control({ case: "deny", value: one.deviceId })}>{t("meetings.knock.deny")}</Button>
      <Button kind="primary" aria-label={t("meetings.knock.admitName", { name })} onClick={() => void control({ case: "admit", value: one.deviceId })}>{t("meetings.knock.admit")}</Button>
    </div>
  );
}
