import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { NO_SESSION, Phase, problemOf } from "../api";
import { CallProvider } from "../features/meetings/always";
import { DamagedPage, DoorPage, LockedPage, NamePage, NoSessionPage, UnreachablePage } from "../features/onboarding";
import { resolveLanguage, showLanguage } from "../i18n";
import { useSettings, useStatus, useWorkspaces } from "../live";
import { Waiting } from "../ui";
import { guestRouter } from "./guestRouter";
import { router } from "./router";
import { showTheme } from "./theme";

/** Decides by the state of the profile which page there is at all. */
export function Gate() {
  const status = useStatus();
  const settings = useSettings().data;
  useEffect(() => {
    if (!settings) return;
    showTheme(settings.theme);
    showLanguage(resolveLanguage(settings.language));
  }, [settings]);

  if (status.error && problemOf(status.error).code === NO_SESSION) return <NoSessionPage />;
  if (!status.data) return status.error ? <UnreachablePage onRetry={() => void status.refetch()} /> : <Waiting />;
  switch (status.data.phase) {
    case Phase.NEW:
      return <NamePage status={status.data} />;
    case Phase.LOCKED:
      return <LockedPage status={status.data} />;
    case Phase.DAMAGED:
      return <DamagedPage status={status.data} />;
    case Phase.GUEST:
      return <Guest />;
    default:
      return <Workspaces />;
  }
}

function Guest() {
  return <CallProvider key="guest"><RouterProvider router={guestRouter} /></CallProvider>;
}

function Workspaces() {
  const { data, error, refetch } = useWorkspaces();
  if (!data) return error ? <UnreachablePage onRetry={() => void refetch()} /> : <Waiting />;
  if (data.length === 0) {
    return <DoorPage onEnter={(ws) => void router.navigate({ to: "/w/$ws/messages", params: { ws } })} />;
  }
  return <CallProvider><RouterProvider router={router} /></CallProvider>;
}
