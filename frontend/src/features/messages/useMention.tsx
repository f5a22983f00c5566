import { useId, useMemo, useState, type KeyboardEvent, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type CirclePerson, type Conversation } from "../../api";
import { matchAny } from "../../lib/match";
import { mentionQuery, mentionsIn, type MentionOf } from "../../lib/mentions";
import { useHere } from "../../lib/routes";
import { useApi, useFoundMembers } from "../../live";
import { Avatar, cx, ExternalTag } from "../../ui";
import styles from "./depth.module.css";
import { useInCircle } from "./External";

/** All of them are seen without scrolling. */
const MOST = 6;

interface Entry {
  readonly personId: string;
  readonly name: string;
  readonly more: string;
  readonly allowed: boolean;
  readonly external?: boolean;
}

/** Names to choose from while one types "@": who is in the conversation, and everybody for who may mention all. */
export function useMention({ conversation, text, area, onText }: { conversation: Conversation; text: string; area: RefObject<HTMLTextAreaElement | null>; onText: (text: string) => void }) {
  const { t } = useTranslation();
  const ws = useHere() ?? "";
  const api = useApi();
  const listID = useId();
  const [caret, setCaret] = useState<number | null>(null);
  const [at, setAt] = useState(0);
  const [dismissed, setDismissed] = useState(-1);
  const [chosen] = useState(() => new Map<string, string>());
  const circle = useInCircle();
  const typed = caret === null ? null : mentionQuery(text, caret);
  const asks = asksFor(conversation, ws);
  const { members, isFresh } = useFoundMembers(ws, typed?.query ?? "", asks ?? {}, asks !== null && typed !== null);
  const people = useMemo<readonly Somebody[]>(() => (conversation.kind === ConversationKind.CIRCLE ? inCircle(circle) : members), [conversation.kind, circle, members]);
  // What was found for less text is still shown as far as it fits, until what is asked now is there.
  const sieve = conversation.kind === ConversationKind.CIRCLE || !isFresh;
  const everyone = t("depth.everyone");
  const entries = useMemo<Entry[]>(() => {
    if (!typed) return [];
    const found = people.filter((member) => !member.isMe && (!sieve || matchAny([member.name, member.department], typed.query))).slice(0, MOST)
      .map((member): Entry => ({ personId: member.personId, name: member.name, more: member.department, allowed: true, external: member.external }));
    const all = conversation.kind !== ConversationKind.DIRECT && matchAny([everyone, "all everyone"], typed.query);
    return all ? [{ personId: "", name: everyone, more: conversation.mayMentionAll ? t("depth.everyoneHint") : t("depth.everyoneNot"), allowed: conversation.mayMentionAll }, ...found] : found;
  }, [typed, people, sieve, conversation, everyone, t]);
  const forAll = conversation.mayMentionAll ? [everyone, "所有人", "everyone"] : [];
  const open = typed !== null && typed.from !== dismissed && entries.length > 0;
  const active = Math.min(at, entries.length - 1);

  const choose = (entry: Entry) => {
    if (!typed || caret === null || !entry.allowed) return;
    if (entry.personId !== "") chosen.set(entry.name, entry.personId);
    const before = `${text.slice(0, typed.from)}@${entry.name} `;
    onText(before + text.slice(caret));
    setCaret(null);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(before.length, before.length);
    });
  };

  return {
    /** Whom was meant by names that were written before. */
    chose: (before: readonly MentionOf[]) => before.forEach(({ personId, label }) => personId !== "" && chosen.set(label, personId)),
    /** Whom the text mentions of those who were chosen; for drafts, which are kept at every key. */
    of: (now: string): MentionOf[] => now.includes("@") ? mentionsIn(now, [...chosen].map(([name, personId]) => ({ name, personId })), chosen, forAll) : [],
    /** Whom the text mentions, also where a name was typed or pasted without being chosen. */
    named: async (now: string): Promise<MentionOf[]> => {
      if (!now.includes("@")) return [];
      return mentionsIn(now, asks ? (await api.members.mentioned({ workspaceId: ws, inSpaceId: asks.inSpace ?? "", text: now })).members : inCircle(circle), chosen, forAll);
    },
    look: () => {
      const element = area.current;
      setCaret(element && element.selectionStart === element.selectionEnd ? element.selectionStart : null);
      setAt(0);
    },
    close: () => setCaret(null),
    /** Takes the keys that belong to the list; true when it did. */
    onKeyDown(event: KeyboardEvent, composing: boolean): boolean {
      if (!open || composing) return false;
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) setAt((active + step + entries.length) % entries.length);
      else if (event.key === "Escape") setDismissed(typed.from);
      else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
        if (!entries[active]!.allowed) return event.key === "Enter" && (event.preventDefault(), true);
        choose(entries[active]!);
      } else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
    attributes: open ? { "aria-controls": listID, "aria-activedescendant": `${listID}-${active}` } : {},
    list: open ? (
      <ul id={listID} role="listbox" aria-label={t("depth.mentionList")} className={styles.mentions}>
        {entries.map((entry, index) => (
          <li
            key={entry.personId} id={`${listID}-${index}`} role="option" aria-selected={index === active} aria-disabled={!entry.allowed || undefined} className={cx(index === active && styles.active)}
            onMouseDown={(event) => {
              event.preventDefault();
              choose(entry);
            }}
            onMouseEnter={() => setAt(index)}
          >
            {entry.personId === "" ? <span className={styles.at} aria-hidden>@</span> : <Avatar id={entry.personId} name={entry.name} size="xs" />}
            <bdi>{entry.name}</bdi>{entry.external ? <ExternalTag workspace={entry.more} /> : <small>{entry.more}</small>}
          </li>
        ))}
      </ul>
    ) : null,
  };
}

interface Somebody {
  readonly personId: string;
  readonly name: string;
  readonly department: string;
  readonly isMe: boolean;
  readonly external?: boolean;
}

const inCircle = (circle: ReadonlyMap<string, CirclePerson>): readonly Somebody[] =>
  [...circle.values()].map(({ personId, name, workspaceName, isMe, isExternal }) => ({ personId, name, department: workspaceName, isMe, external: isExternal }));

/** Among which members the program looks; null where it does not: a circle's people are here already, and guests are in no workspace. */
function asksFor({ kind, id }: Conversation, ws: string): { readonly inSpace?: string } | null {
  if (ws === "" || kind === ConversationKind.CIRCLE || kind === ConversationKind.MEETING) return null;
  return kind === ConversationKind.EVERYONE ? {} : { inSpace: id };
}
