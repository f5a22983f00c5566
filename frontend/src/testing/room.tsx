import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act, configure, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createApi } from "../api";
import { showLanguage, startI18n, type Language } from "../i18n";
import { LiveProvider } from "../live";
import { fakeRuntime } from "../runtime/fake";
import type { World } from "../runtime/fake/world";

let started = false;
// A loaded machine is no failure.
configure({ asyncUtilTimeout: 60_000 });

/**
 * Puts a part of the screen into a room of its own: the fake program below, the real calls, topics and words around.
 * What the fake would do a while later happens when `pass` is called.
 */
export async function openRoom(scene: string, part: (workspace: string, world: World) => ReactNode, language: Language = "en") {
  window.scrollTo = () => {};
  if (!started) {
    started = true;
    await startI18n(language);
  } else showLanguage(language);
  const runtime = fakeRuntime(scene, 0);
  const { world } = runtime;
  let waiting: (() => void)[] = [];
  world.later = (_, deed) => void waiting.push(deed);
  const show = () => part(world.workspaces[0]!.id, world);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY, networkMode: "always" }, mutations: { networkMode: "always" } } });
  const root = createRootRoute({ component: show, notFoundComponent: show });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  const shown = render(
    <QueryClientProvider client={client}>
      <LiveProvider api={createApi(runtime.fetch)} runtime={runtime}>
        <RouterProvider router={router as never} />
      </LiveProvider>
    </QueryClientProvider>,
  );
  await act(() => router.load());
  const pass = () => act(() => {
    const due = waiting;
    waiting = [];
    for (const deed of due) deed();
  });
  return { ...shown, world, workspace: world.workspaces[0]!, pass };
}
