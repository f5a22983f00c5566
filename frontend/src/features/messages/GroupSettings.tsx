import { useMutation } from "@tanstack/react-query";
import { ImagePlus, Trash2 } from "lucide-react";
import { create } from "@bufbuild/protobuf";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, GroupRulesSchema, problemOf, type Conversation, type GroupRules } from "../../api";
import { CHOSEN_KINDS, squarePicture } from "../../lib/squarePicture";
import { useApi, usePictureOf } from "../../live";
import { Avatar, Button, Dialog, ErrorNote, Field, SwitchRow, useSentence } from "../../ui";
import { conversationFace, conversationName } from "./names";
import styles from "./panels.module.css";

type Rule = Exclude<keyof GroupRules, "$typeName" | "$unknown">;

/** What a group is called, is about and looks like, and what its members may do. Saved at once, all of it. */
export function GroupSettings({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const group = conversation.kind === ConversationKind.GROUP;
  const [name, setName] = useState(conversation.name);
  const [topic, setTopic] = useState(conversation.topic);
  const [rules, setRules] = useState(conversation.rules ?? create(GroupRulesSchema));
  // Null takes the picture away, undefined leaves it.
  const [picture, setPicture] = useState<Uint8Array<ArrayBuffer> | null>();
  const save = useMutation({
    async mutationFn() {
      const conversationId = conversation.id;
      if (group && conversation.mayDescribe) {
        if (name !== conversation.name) await api.chat.renameGroup({ conversationId, name });
        if (topic !== conversation.topic) await api.conversations.describe({ conversationId, topic });
        if (picture !== undefined) await api.conversations.setPicture({ conversationId, picture: picture ?? new Uint8Array() });
      }
      if (conversation.isAdmin) await api.conversations.setGroupRules({ conversationId, rules });
    },
    onSuccess: onClose,
  });
  const problem = save.error ? problemOf(save.error) : null;
  const ofName = problem?.code.startsWith("name_") ?? false;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  const rule = (key: Rule, hint?: string) => (
    <SwitchRow label={t(`group.${key}`)} hint={hint} checked={rules[key]} onChange={(on) => setRules((now) => ({ ...now, [key]: on }))} />
  );
  return (
    <Dialog
      open onClose={onClose} title={group ? t("group.settings") : t("group.everyoneSettings")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="group-settings" busy={save.isPending}>{t("action.save")}</Button></>}
    >
      <form id="group-settings" className={styles.form} onSubmit={submit}>
        {group && conversation.mayDescribe && (
          <>
            <PictureField conversation={conversation} picture={picture} onPicture={setPicture} />
            <Field autoFocus label={t("group.nameLabel")} value={name} onChange={(event) => setName(event.target.value)} error={problem && ofName ? sentence(problem) : undefined} />
            <Field label={t("group.topic")} hint={t("group.topicHint")} value={topic} maxLength={500} onChange={(event) => setTopic(event.target.value)} />
          </>
        )}
        {conversation.isAdmin && (
          <section className={styles.rules} aria-label={t("group.rules")}>
            <h3>{t("group.rules")}</h3>
            {rule("managersPost", t("group.managersPostHint"))}
            {rules.managersPost && rule("allReply")}
            {group && rule("managersAdd")}
            {group && rule("managersDescribe")}
            {group && rule("managersPin")}
            {rule("allMention", t("group.allMentionHint"))}
          </section>
        )}
        {problem && !ofName && <ErrorNote problem={problem} />}
      </form>
    </Dialog>
  );
}

function PictureField({ conversation, picture, onPicture }: { conversation: Conversation; picture: Uint8Array<ArrayBuffer> | null | undefined; onPicture: (picture: Uint8Array<ArrayBuffer> | null) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const before = usePictureOf(conversation);
  const [bad, setBad] = useState(false);
  const drawn = useDrawn(picture);
  const shown = picture === undefined ? before : drawn;
  const choose = async (file: File | undefined) => {
    if (!file) return;
    const square = await squarePicture(file);
    setBad(!square);
    if (square) onPicture(square);
  };
  return (
    <div className={styles.pictureField} role="group" aria-label={t("group.picture")}>
      <Avatar id={conversationFace(conversation)} name={conversationName(conversation, t)} size="lg" picture={shown} />
      <div>
        <div className={styles.pictureDeeds}>
          <Button icon={<ImagePlus aria-hidden />} onClick={() => input.current?.click()}>{t("group.choosePicture")}</Button>
          {shown !== undefined && <Button icon={<Trash2 aria-hidden />} onClick={() => onPicture(null)}>{t("group.removePicture")}</Button>}
        </div>
        <p className={styles.quiet} role={bad ? "alert" : undefined}>{bad ? t("group.pictureBad") : t("group.pictureHint")}</p>
      </div>
      <input
        ref={input} type="file" accept={CHOSEN_KINDS} hidden aria-label={t("group.choosePicture")}
        onChange={(event) => {
          void choose(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </div>
  );
}

/** Bytes as something that can be shown, for as long as they are. */
function useDrawn(picture: Uint8Array<ArrayBuffer> | null | undefined): string | undefined {
  const [url, setURL] = useState<string>();
  useEffect(() => {
    if (!picture) return;
    const made = URL.createObjectURL(new Blob([picture], { type: "image/jpeg" }));
    setURL(made);
    return () => {
      URL.revokeObjectURL(made);
      setURL(undefined);
    };
  }, [picture]);
  return url;
}
