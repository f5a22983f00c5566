import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useGo } from "../../lib/routes";
import { useApi, useSettings, useShowSettings } from "../../live";
import type { Entry } from "./local";

/** What one can do from anywhere. */
export function useCommands(ws: string, onClose: () => void, onShortcuts: () => void): Entry[] {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const theme = useSettings().data?.theme ?? "";
  const show = useShowSettings();
  const wear = useMutation({ mutationFn: (next: string) => api.settings.set({ theme: next }), onSuccess: show });
  const command = (key: string, name: string, run: () => void, note = ""): Entry => ({
    key, group: "commands", id: key, name, note, run: () => {
      onClose();
      run();
    },
  });
  return [
    command("search", t("search.title"), () => go.search(ws)),
    command("newGroup", t("messages.newGroup"), () => go.newGroup(ws)),
    command("messages", t("nav.messages"), () => go.messages(ws)),
    command("directory", t("nav.directory"), () => go.directory(ws)),
    command("folders", t("nav.folders"), () => go.folders(ws)),
    command("meetings", t("nav.meetings"), () => go.meetings(ws)),
    command("contracts", t("nav.contracts"), () => go.contracts(ws)),
    command("settings", t("nav.settings"), () => go.settings(ws)),
    theme === "dark" ? command("light", t("search.light"), () => wear.mutate("light")) : command("dark", t("search.dark"), () => wear.mutate("dark")),
    command("another", t("workspace.another"), go.door),
    command("shortcuts", t("shortcuts.title"), onShortcuts),
  ];
}
