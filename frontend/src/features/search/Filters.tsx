import { Search as SearchIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind } from "../../api";
import { matchAny } from "../../lib/match";
import { useCirclePeople, useConversations, useSomeMembers } from "../../live";
import { CheckRow, Field } from "../../ui";
import { placeName } from "./found";
import { Pick } from "./Pick";
import styles from "./search.module.css";
import { useFound, type Question } from "./useFound";

const MOST = 6;

/** What is looked for, from whom, where and when. */
export function Filters({ ws, question, onChange }: { ws: string; question: Question; onChange: (change: Partial<Question>) => void }) {
  const { t } = useTranslation();
  const conversations = useConversations(ws).data ?? [];
  const members = useSomeMembers(ws, [question.person]);
  // The address follows what is typed; were it the other way round, input methods would lose their place.
  const [text, setText] = useState(question.text);
  const [who, setWho] = useState("");
  const [where, setWhere] = useState("");
  const place = conversations.find((one) => one.id === question.conversation);
  // Partners are in no directory: they are offered where one looks in a circle of theirs.
  const circle = useCirclePeople(place?.id ?? "", place?.kind ?? ConversationKind.UNSPECIFIED);
  const partners = [...circle.values()].filter((one) => one.isExternal && matchAny([one.name, one.workspaceName], who)).slice(0, MOST);
  const chosen = circle.get(question.person);
  const people = useFound(ws, who, MOST).data?.people.filter((person) => person.personId !== "") ?? [];
  const name = (conversation: (typeof conversations)[number]) => placeName(conversation.kind, conversation.name, t);
  const places = where.trim() === "" ? [] : conversations.filter((one) => matchAny([name(one)], where)).slice(0, MOST);
  return (
    <form className={styles.filters} role="search" onSubmit={(event) => event.preventDefault()}>
      <h2><SearchIcon aria-hidden />{t("search.page")}</h2>
      <Field
        label={t("search.text")} type="search" autoFocus maxLength={200} placeholder={t("search.textHint")} value={text}
        onChange={(event) => {
          setText(event.target.value);
          onChange({ text: event.target.value });
        }}
      />
      <Pick
        label={t("search.from")} clear={t("search.clearFrom")} typed={who} onType={setWho} options={[...partners.map((one) => ({ id: one.personId, name: one.name, note: one.workspaceName, external: true })), ...people.map((person) => ({ id: person.personId, name: person.name, note: person.department }))]}
        chosen={question.person === "" ? "" : members.get(question.person)?.name ?? chosen?.name ?? t("search.somebody")} external={chosen?.isExternal} onChoose={(person) => onChange({ person })}
      />
      <Pick
        label={t("search.in")} clear={t("search.clearIn")} typed={where} onType={setWhere} options={places.map((one) => ({ id: one.id, name: name(one), note: "" }))}
        chosen={question.conversation === "" ? "" : place ? name(place) : t("search.somewhere")} onChoose={(conversation) => onChange({ conversation })}
      />
      <div className={styles.days}>
        <Field label={t("search.since")} type="date" value={question.since} max={question.until} onChange={(event) => onChange({ since: event.target.value })} />
        <Field label={t("search.until")} type="date" value={question.until} min={question.since} onChange={(event) => onChange({ until: event.target.value })} />
      </div>
      <CheckRow label={t("search.hasFile")} checked={question.file} onChange={(file) => onChange({ file })} />
    </form>
  );
}
