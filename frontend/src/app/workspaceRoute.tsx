import { createRootRoute, createRoute, Navigate, Outlet } from "@tanstack/react-router";
import { Shell } from "./shell/Shell";

export const root = createRootRoute({ component: Outlet, notFoundComponent: () => <Navigate to="/" /> });

export const workspace = createRoute({
  getParentRoute: () => root,
  path: "/w/$ws",
  component: function WorkspaceShell() {
    return <Shell ws={workspace.useParams().ws}><Outlet /></Shell>;
  },
});
