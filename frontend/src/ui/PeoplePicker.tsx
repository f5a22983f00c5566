import { Check, X } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { VList, type VListHandle } from "virtua";
import type { FoundMember } from "../api";
import { ImeGuard } from "../lib/ime";
import { Avatar } from "./Avatar";
import { Field } from "./Field";
import { Highlight } from "./Highlight";
import { ErrorNote, SkeletonRows } from "./Notes";
import styles from "./PeoplePicker.module.css";

const ROW = 44;
const SHOWN = 6;
/** Who is chosen is named up to so many. */
const MOST_NAMED = 12;

/** Whom a text finds: only the first are here, more come when one scrolls to their end. */
interface Found {
  readonly members: readonly FoundMember[];
  readonly total: number;
  readonly waiting: boolean;
  readonly isFresh: boolean;
  readonly error: unknown;
  readonly more: () => void;
  readonly retry: () => void;
}

/** Choose people by name, pinyin, number or department. The text and whom it finds come from outside. */
export function PeoplePicker({ query, onQuery, found, picked, onPicked, end }: {
  query: string;
  onQuery: (query: string) => void;
  found: Found;
  picked: ReadonlySet<string>;
  onPicked: (picked: ReadonlySet<string>, people: readonly FoundMember[]) => void;
  /** What stands at the end of the row of somebody who is chosen. */
  end?: (member: FoundMember) => ReactNode;
}) {
  const { t } = useTranslation();
  const list = useRef<VListHandle>(null);
  const place = useRef<HTMLDivElement>(null);
  const [ime] = useState(() => new ImeGuard());
  const [known, setKnown] = useState<ReadonlyMap<string, FoundMember>>(new Map());
  const { members } = found;
  const toggle = (member: FoundMember) => {
    const next = new Set(picked);
    if (!next.delete(member.personId)) next.add(member.personId);
    const names = new Map(known).set(member.personId, member);
    setKnown(names);
    onPicked(next, [...next].flatMap((id) => names.get(id) ?? members.find(({ personId }) => personId === id) ?? []));
  };
  const chosen = [...picked].flatMap((id) => known.get(id) ?? []);
  const focus = (at: number) => {
    list.current?.scrollToIndex(at, { align: "nearest" });
    requestAnimationFrame(() => place.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus());
  };
  const onFieldKey = (event: KeyboardEvent) => {
    if (ime.owns(event.nativeEvent)) return;
    if (event.key === "ArrowDown" && members.length > 0) focus(0);
    else if (event.key === "Enter" && query.trim() !== "") {
      // What is typed names somebody; the form around is sent by its button.
      if (found.isFresh && members[0]) {
        toggle(members[0]);
        onQuery("");
      }
    } else return;
    event.preventDefault();
  };
  const onRowKey = (event: KeyboardEvent, at: number) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    if (at + step < 0) place.current?.querySelector("input")?.focus();
    else if (at + step < members.length) focus(at + step);
  };
  const onScroll = () => {
    const { scrollOffset = 0, viewportSize = 0, scrollSize = 0 } = list.current ?? {};
    if (members.length < found.total && scrollOffset + viewportSize > scrollSize - 10 * ROW) found.more();
  };
  return (
    <div className={styles.picker} ref={place}>
      <Field
        bare label={t("group.pick")} placeholder={t("group.pick")} value={query} maxLength={80} onChange={(event) => onQuery(event.target.value)} onKeyDown={onFieldKey} onKeyUp={() => ime.keyUp()}
        onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)}
      />
      {chosen.length > 0 && (
        <div className={styles.chosen}>
          {chosen.slice(0, MOST_NAMED).map((member) => (
            <button key={member.personId} type="button" aria-label={t("group.unpick", { name: member.name })} onClick={() => toggle(member)}><bdi>{member.name}</bdi><X aria-hidden /></button>
          ))}
          {picked.size > Math.min(chosen.length, MOST_NAMED) && <span>{`+${picked.size - Math.min(chosen.length, MOST_NAMED)}`}</span>}
        </div>
      )}
      <div role="group" aria-label={t("group.people")} aria-busy={!found.isFresh} className={styles.list}>
        {found.error ? <div className={styles.error}><ErrorNote cause={found.error} onRetry={found.retry} /></div>
          : found.waiting ? <SkeletonRows /> : members.length === 0 ? <p className={styles.quiet}>{found.isFresh && (query.trim() === "" ? t("group.nobody") : t("group.noMatch"))}</p> : (
            <VList ref={list} style={{ height: Math.min(members.length, SHOWN) * ROW }} itemSize={ROW} onScroll={onScroll}>
              {members.map((member, at) => (
                <div key={member.personId} className={styles.row}>
                  <label className={styles.pick}>
                    <input type="checkbox" data-at={at} checked={picked.has(member.personId)} onChange={() => toggle(member)} onKeyDown={(event) => onRowKey(event, at)} />
                    <span className={styles.tick} aria-hidden><Check /></span>
                    <Avatar id={member.personId} name={member.name} size="xs" />
                    <span className={styles.name}><Highlight text={member.name} query={query} /></span>
                    <small>{member.department}</small>
                  </label>
                  {picked.has(member.personId) && end?.(member)}
                </div>
              ))}
            </VList>
          )}
      </div>
      <p className={styles.quiet} role="status">{t("group.picked", { count: picked.size })}</p>
    </div>
  );
}
