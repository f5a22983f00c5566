import { useMutation, useQueryClient } from "@tanstack/react-query";
import { create } from "@bufbuild/protobuf";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, GroupRulesSchema, problemOf, type Conversation, type GroupRules } from "../../api";
import { GROUP_SIDE } from "../../lib/squarePicture";
import { useApi, usePictureOf } from "../../live";
import { Button, Dialog, ErrorNote, Field, PictureField, SwitchRow, useSentence } from "../../ui";
import { HistoryRow } from "./HistoryRule";
import { conversationFace, conversationName } from "./names";
import styles from "./panels.module.css";

type Rule = Exclude<keyof GroupRules, "$typeName" | "$unknown">;

/** What a group is called, is about and looks like, and what its members may do. Saved at once, all of it. */
export function GroupSettings({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const client = useQueryClient();
  const sentence = useSentence();
  const group = conversation.kind === ConversationKind.GROUP;
  // Everybody's conversation has its people by the workspace, and managers alone pin there.
  const chosen = conversation.kind !== ConversationKind.EVERYONE;
  // What stands here stays until it is closed: who may change it no more by then is told so, and not that it was saved.
  const [describes] = useState(group && conversation.mayDescribe);
  const [rulesHere] = useState(conversation.isAdmin);
  const [name, setName] = useState(conversation.name);
  const [topic, setTopic] = useState(conversation.topic);
  const joining = conversation.history?.fromJoining ?? false;
  const [fromJoining, setFromJoining] = useState(joining);
  const [rules, setRules] = useState(conversation.rules ?? create(GroupRulesSchema));
  // Null takes the picture away, undefined leaves it.
  const [picture, setPicture] = useState<Uint8Array<ArrayBuffer> | null>();
  const before = usePictureOf(conversation);
  const save = useMutation({
    async mutationFn() {
      const conversationId = conversation.id;
      if (describes) {
        if (name !== conversation.name) await api.chat.renameGroup({ conversationId, name });
        if (topic !== conversation.topic) await api.conversations.describe({ conversationId, topic });
        if (picture !== undefined) await api.conversations.setPicture({ conversationId, picture: picture ?? new Uint8Array() });
      }
      if (group && fromJoining !== joining) await api.conversations.setHistory({ conversationId, fromJoining });
      if (rulesHere) await api.conversations.setGroupRules({ conversationId, rules });
    },
    // Whoever opens it again at once must find what was saved, or saving takes it back.
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["chat"] });
      onClose();
    },
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
      open onClose={onClose} title={group ? t("group.settings") : chosen ? t("circles.rules") : t("group.everyoneSettings")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="group-settings" busy={save.isPending}>{t("action.save")}</Button></>}
    >
      <form id="group-settings" className={styles.form} onSubmit={submit}>
        {describes && (
          <>
            <PictureField
              id={conversationFace(conversation)} name={conversationName(conversation, t)} label={t("group.picture")} hint={t("picture.hint")} side={GROUP_SIDE}
              before={before} picture={picture} onPicture={setPicture}
            />
            <Field autoFocus label={t("group.nameLabel")} value={name} onChange={(event) => setName(event.target.value)} error={problem && ofName ? sentence(problem) : undefined} />
            <Field label={t("group.topic")} hint={t("group.topicHint")} value={topic} maxLength={500} onChange={(event) => setTopic(event.target.value)} />
          </>
        )}
        {rulesHere && (
          <section className={styles.rules} aria-label={t("group.rules")}>
            <h3>{t("group.rules")}</h3>
            {rule("managersPost", t("group.managersPostHint"))}
            {rules.managersPost && rule("allReply")}
            {chosen && rule("managersAdd", conversation.kind === ConversationKind.CIRCLE ? t("circles.managersAddHint") : undefined)}
            {group && rule("managersDescribe")}
            {chosen && rule("managersPin")}
            {rule("allMention", t("group.allMentionHint"))}
            {group && conversation.history?.canSet && <HistoryRow before={joining} checked={fromJoining} onChange={setFromJoining} />}
          </section>
        )}
        {problem && !ofName && <ErrorNote problem={problem} />}
      </form>
    </Dialog>
  );
}
