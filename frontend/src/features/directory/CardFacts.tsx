import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "../../api";
import styles from "./card.module.css";

/** What is known about somebody: the office's word, and beside it the person's own where it differs. */
export function CardFacts({ card, onPerson, children }: { card: Card; onPerson: (key: string) => void; children: ReactNode }) {
  const { t } = useTranslation();
  const fact = (name: string, value: ReactNode, own?: string) => (value !== "" || (own !== undefined && own !== "")) && (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{value}{own !== undefined && own !== "" && <small className={styles.own}>{own}{card.recordId !== "" && <> · {t("directory.ownWord")}</>}</small>}</dd>
    </div>
  );
  const where = card.posts.filter((post) => post.department !== "");
  return (
    <>
      <dl className={styles.facts}>
        {where.length > 0 && fact(t("directory.department"), where.map((post) => (
          <span key={post.departmentId + post.department} className={styles.post}>{post.path.length > 0 ? post.path.join(" / ") : post.department}{post.lead && ` · ${t("directory.lead")}`}</span>
        )))}
        {fact(t("directory.number"), card.number)}
        {fact(t("directory.phone"), card.phones.map((phone) => <a key={phone} className={styles.line} href={`tel:${phone.replace(/[^\d+]/g, "")}`}>{phone}</a>).length > 0 ? card.phones.map((phone) => <a key={phone} className={styles.line} href={`tel:${phone.replace(/[^\d+]/g, "")}`}>{phone}</a>) : "", card.ownPhone)}
        {fact(t("directory.email"), card.email === "" ? "" : <a href={`mailto:${card.email}`}>{card.email}</a>, card.ownEmail)}
        {fact(t("directory.place"), card.place)}
        {card.managerKey !== "" && fact(t("directory.manager"), <button type="button" className={styles.link} onClick={() => onPerson(card.managerKey)}><bdi>{card.managerName}</bdi></button>)}
        {card.reports > 0 && fact(t("directory.reports"), t("directory.count", { count: card.reports }))}
        {children}
      </dl>
      {card.note !== "" && <section className={styles.noteBox} aria-label={t("directory.note")}><h3>{t("directory.note")}</h3><p dir="auto">{card.note}</p></section>}
      {card.canSeePrivate && card.hasPrivate && (
        <section className={styles.noteBox} aria-label={t("directory.private")}><h3><Lock aria-hidden />{t("directory.private")}</h3><p dir="auto">{card.private}</p></section>
      )}
    </>
  );
}
