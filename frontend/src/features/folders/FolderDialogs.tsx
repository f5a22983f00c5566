import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Entry, type Folder, type FolderMode } from "../../api";
import { useGo } from "../../lib/routes";
import { useApi } from "../../live";
import { Button, Confirm, Dialog, ErrorNote, Field, useSentence } from "../../ui";
import { AsOfDialog } from "./AsOfDialog";
import { IgnoreDialog } from "./IgnoreDialog";
import { KeepDialog } from "./KeepDialog";
import { MembersDialog } from "./MembersDialog";
import { RetentionDialog } from "./RetentionDialog";
import { SendDialog } from "./SendDialog";
import { VersionsDialog } from "./VersionsDialog";

/** What one is about to do with a folder or with something in it. */
export type FolderTask =
  | { readonly kind: "keep"; readonly mode: FolderMode; readonly chosen?: string }
  | { readonly kind: "send"; readonly path: string; readonly isFolder: boolean }
  | { readonly kind: "asof" | "versions"; readonly path: string }
  | { readonly kind: "drop"; readonly entry: Entry }
  | { readonly kind: "members" | "rename" | "retention" | "ignore" }
  | { readonly kind: "unkeep" | "leave" | "stop" };

export function FolderDialogs({ ws, folder, task, onTask }: { ws: string; folder: Folder; task: FolderTask; onTask: (task: FolderTask | null) => void }) {
  const close = () => onTask(null);
  switch (task.kind) {
    case "keep":
      return <KeepDialog folder={folder} first={task.mode} chosen={task.chosen} onClose={close} />;
    case "send":
      return <SendDialog ws={ws} folder={folder} path={task.path} isFolder={task.isFolder} onClose={close} />;
    case "asof":
      return <AsOfDialog folder={folder} path={task.path} onClose={close} />;
    case "versions":
      return <VersionsDialog folder={folder} path={task.path} onClose={close} />;
    case "members":
      return <MembersDialog ws={ws} folder={folder} onClose={close} />;
    case "rename":
      return <RenameDialog folder={folder} onClose={close} />;
    case "retention":
      return <RetentionDialog folder={folder} onClose={close} />;
    case "ignore":
      return <IgnoreDialog folder={folder} onClose={close} />;
    default:
      return <Ask ws={ws} folder={folder} task={task} onClose={close} />;
  }
}

/** Deeds that take something away from here say first what becomes of the files. */
function Ask({ ws, folder, task, onClose }: { ws: string; folder: Folder; task: Extract<FolderTask, { kind: "drop" | "unkeep" | "leave" | "stop" }>; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const { name, id: folderId } = folder;
  const deed = useMutation({
    mutationFn: async () => {
      switch (task.kind) {
        case "drop":
          return void (await api.folders.keepEntry({ folderId, path: task.entry.path, keep: false }));
        case "unkeep":
          return void (await api.folders.unkeep({ folderId }));
        case "leave":
          return void (await api.folders.leave({ folderId }));
        case "stop":
          return void (await api.folders.stopSharing({ folderId }));
      }
    },
    onSuccess: () => {
      onClose();
      if (task.kind === "leave" || task.kind === "stop") go.folders(ws);
    },
  });
  const words = {
    drop: () => [t("folders.ask.dropTitle", { name: task.kind === "drop" ? task.entry.name : "" }), t("folders.ask.dropText"), t("folders.deed.drop")],
    unkeep: () => [t("folders.ask.unkeepTitle", { name }), t("folders.ask.unkeepText", { path: folder.localPath }), t("folders.menu.unkeep")],
    leave: () => [t("folders.ask.leaveTitle", { name }), folder.localPath === "" ? t("folders.ask.leaveTextListed") : t("folders.ask.leaveText", { path: folder.localPath }), t("folders.menu.leave")],
    stop: () => [t("folders.ask.stopTitle", { name }), t("folders.ask.stopText", { count: Math.max(1, folder.memberCount - 1) }), t("folders.menu.stop")],
  } as const;
  const [title, text, action] = words[task.kind]();
  return (
    <Confirm
      open onClose={onClose} danger={task.kind !== "unkeep"} title={title!} action={action!} busy={deed.isPending} onConfirm={() => deed.mutate()}
      error={deed.error ? <ErrorNote cause={deed.error} /> : undefined}
    >
      {text}
    </Confirm>
  );
}

function RenameDialog({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [name, setName] = useState(folder.name);
  const rename = useMutation({ mutationFn: () => api.folders.renameFolder({ folderId: folder.id, name }), onSuccess: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rename.isPending) rename.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} title={t("folders.menu.rename")} size="sm"
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="rename-folder" busy={rename.isPending}>{t("action.save")}</Button></>}
    >
      <form id="rename-folder" onSubmit={submit}>
        <Field autoFocus label={t("folders.nameLabel")} hint={t("folders.renameHint")} value={name} onChange={(event) => setName(event.target.value)} error={rename.error ? sentence(problemOf(rename.error)) : undefined} />
      </form>
    </Dialog>
  );
}
