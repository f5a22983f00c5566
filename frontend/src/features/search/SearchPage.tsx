import { Menu as MenuIcon, SearchX, Search as SearchIcon } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useGo, type SearchPlace } from "../../lib/routes";
import { useConversations } from "../../live";
import { Button, Columns, Empty, ErrorNote, IconButton, InfoNote, useColumns, Waiting } from "../../ui";
import { Filters } from "./Filters";
import { HitRow } from "./HitRow";
import styles from "./search.module.css";
import { isEmpty, useFoundMessages, type Question } from "./useFound";

/** Looks for messages and their files, with filters. The address holds the question, so that one comes back to it. */
export function SearchPage({ ws, place }: { ws: string; place: SearchPlace }) {
  const { t } = useTranslation();
  const go = useGo();
  const question: Question = useMemo(() => ({
    text: place.text ?? "", person: place.from ?? "", conversation: place.in ?? "", since: place.since ?? "", until: place.until ?? "", file: place.file ?? false,
  }), [place]);
  const set = (change: Partial<Question>) => {
    const next = { ...question, ...change };
    go.search(ws, {
      ...(next.text !== "" && { text: next.text }), ...(next.person !== "" && { from: next.person }), ...(next.conversation !== "" && { in: next.conversation }),
      ...(next.since !== "" && { since: next.since }), ...(next.until !== "" && { until: next.until }), ...(next.file && { file: true }),
      ...(place.at !== undefined && { at: place.at }),
    }, true);
  };
  return (
    <Columns name={t("search.filters")} emptyDetail={isEmpty(question)} list={<Filters ws={ws} question={question} onChange={set} />}>
      <Results ws={ws} question={question} />
    </Columns>
  );
}

function Results({ ws, question }: { ws: string; question: Question }) {
  const { t } = useTranslation();
  const go = useGo();
  const columns = useColumns();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isPlaceholderData } = useFoundMessages(ws, question);
  const known = useConversations(ws).data;
  const messages = data?.pages.flatMap((page) => page.messages) ?? [];
  const nothing = isEmpty(question);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        {columns.narrow && <IconButton label={t("search.filters")} onClick={columns.openList}><MenuIcon /></IconButton>}
        <h1>{question.text.trim() === "" ? t("search.page") : <bdi>{question.text}</bdi>}</h1>
      </header>
      {nothing && <Empty icon={<SearchIcon />} title={t("search.page")}>{t("search.pageText")}</Empty>}
      {!nothing && error && <ErrorNote cause={error} onRetry={() => void refetch()} />}
      {!nothing && !error && !data && <Waiting />}
      {!nothing && data && (
        <div className={styles.scroll} aria-busy={isPlaceholderData}>
          {data.pages[0]?.indexing && <InfoNote>{t("search.indexing")}</InfoNote>}
          {messages.length === 0 && !isPlaceholderData
            ? <Empty icon={<SearchX />} title={t("search.noMessages")}>{t("search.noMessagesText")}</Empty>
            : (
              <ul className={styles.hits} aria-label={t("search.results")}>
                {messages.map((message) => (
                  <li key={message.messageId}>
                    <HitRow
                      message={message} isHere={known?.some((one) => one.id === message.conversationId) ?? true}
                      onOpen={() => go.message(ws, message.conversationId, message.messageId)}
                    />
                  </li>
                ))}
              </ul>
            )}
          {hasNextPage && <Button kind="quiet" className={styles.more} disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("search.older")}</Button>}
        </div>
      )}
    </div>
  );
}
