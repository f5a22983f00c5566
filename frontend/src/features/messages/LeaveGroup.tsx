import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Role, type Conversation, type GroupMember } from "../../api";
import { useApi, useGroupMembers } from "../../live";
import { Confirm, ErrorNote, Select } from "../../ui";
import { conversationName } from "./names";
import styles from "./panels.module.css";

/** Asks first; an owner says who follows. */
export function LeaveGroup({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const owner = conversation.myRole === Role.OWNER;
  const { data: members = [], isPending } = useGroupMembers(conversation.id, owner);
  const others = members.filter((member) => !member.isMe);
  const asks = owner && others.length > 0 && !others.some(({ role }) => role === Role.OWNER);
  const [picked, setPicked] = useState("");
  const heir = asks ? picked || others[0]!.personId : "";
  // Whether somebody has to follow is known before one leaves.
  const leave = useMutation({ mutationFn: () => api.conversations.leave({ conversationId: conversation.id, heirPersonId: heir }), onSuccess: onClose });
  return (
    <Confirm
      open onClose={onClose} danger title={t("group.leaveTitle", { name: conversationName(conversation, t) })} action={t("action.leave")} busy={leave.isPending || (owner && isPending)}
      onConfirm={() => leave.mutate()} error={leave.error ? <ErrorNote cause={leave.error} /> : undefined}
    >
      {asks && (
        <span className={styles.heir}>
          <span>{t("group.heirText")}</span>
          <Select label={t("group.heir")} value={heir} options={others.map(heirOption)} onChange={setPicked} />
        </span>
      )}
      {t("group.leaveText")} {conversation.memberCount > 1 ? t("group.leaveDisk") : t("group.leaveLast")}
    </Confirm>
  );
}

const heirOption = ({ personId, personName }: GroupMember) => ({ value: personId, label: personName });
