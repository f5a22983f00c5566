import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, CheckRow, Field, IconButton } from "../../ui";
import styles from "./card.module.css";
import { DepartmentTree } from "./DepartmentTree";
import type { PostDraft } from "./recordDraft";

const MOST = 8;

/** Where somebody works: departments with titles; the first is the main one. */
export function PostsField({ ws, posts, onPosts }: { ws: string; posts: readonly PostDraft[]; onPosts: (posts: readonly PostDraft[]) => void }) {
  const { t } = useTranslation();
  const [choosing, setChoosing] = useState<number | null>(null);
  const change = (at: number, part: Partial<PostDraft>) => onPosts(posts.map((post, place) => (place === at ? { ...post, ...part } : post)));
  return (
    <fieldset className={styles.choose}>
      <legend>{t("directory.posts")}</legend>
      {posts.map((post, at) => (
        <div key={at} className={styles.postRow}>
          <Button title={t("directory.chooseDepartment")} aria-expanded={choosing === at} onClick={() => setChoosing(choosing === at ? null : at)}><bdi>{post.department === "" ? t("directory.chooseDepartment") : post.department}</bdi></Button>
          <Field bare label={t("directory.title")} placeholder={t("directory.title")} value={post.title} onChange={(event) => change(at, { title: event.target.value })} />
          <CheckRow label={t("directory.lead")} checked={post.lead} onChange={(lead) => change(at, { lead })} />
          <IconButton label={t("directory.removePost")} onClick={() => onPosts(posts.filter((_, other) => other !== at))}><Trash2 /></IconButton>
          {choosing === at && (
            <div className={styles.span}>
              <DepartmentTree ws={ws} chosen={post.departmentId} hides={(other) => other.own} onChoose={({ id, name }) => {
                change(at, { departmentId: id, department: name });
                setChoosing(null);
              }} />
            </div>
          )}
        </div>
      ))}
      {posts.some((post) => post.lead) && <p className={styles.quiet}>{t("directory.leadSees")}</p>}
      {posts.length < MOST && <Button kind="quiet" icon={<Plus aria-hidden />} onClick={() => {
        onPosts([...posts, { departmentId: "", department: "", title: "", lead: false }]);
        setChoosing(posts.length);
      }}>{t("directory.addPost")}</Button>}
    </fieldset>
  );
}
