import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";

export type SettingsSection = "general" | "privacy" | "device" | "workspace" | "relays" | "about";

/** Features never import each other; they meet here. */
export function useGo() {
  const navigate = useNavigate();
  return useMemo(() => ({
    messages: (ws: string) => void navigate({ to: "/w/$ws/messages", params: { ws } }),
    conversation: (ws: string, conversation: string) =>
      void navigate({ to: "/w/$ws/messages/$conversation", params: { ws, conversation } }),
    directory: (ws: string) => void navigate({ to: "/w/$ws/directory", params: { ws } }),
    /** The directory with the way to invite people open. */
    invite: (ws: string) => void navigate({ to: "/w/$ws/directory", params: { ws }, search: { invite: true } }),
    person: (ws: string, person: string) => void navigate({ to: "/w/$ws/directory/$person", params: { ws, person } }),
    settings: (ws: string, section: SettingsSection = "general") =>
      void navigate({ to: "/w/$ws/settings/$section", params: { ws, section } }),
    door: () => void navigate({ to: "/join" }),
    home: () => void navigate({ to: "/" }),
  }), [navigate]);
}
