import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createApi, NO_SESSION, problemOf, UNREACHABLE } from "../api";
import { resolveLanguage, startI18n } from "../i18n";
import { LiveProvider } from "../live";
import { keys } from "../live/queries";
import { openRuntime } from "../runtime";
import "../styles/tokens.css";
import "../styles/base.css";
import { Gate } from "./Gate";
import { showTheme } from "./theme";

const runtime = await openRuntime();
showTheme("");
await runtime.start();

const client: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Changes arrive by themselves; nothing grows old.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      networkMode: "always",
      retry: (failures, error) => problemOf(error).code === UNREACHABLE && failures < 3,
    },
    mutations: { networkMode: "always" },
  },
  queryCache: new QueryCache({
    onError(error, query) {
      // A session that ended shows on the whole page, whichever call noticed.
      if (problemOf(error).code === NO_SESSION && query.queryKey[1] !== "status") void client.invalidateQueries({ queryKey: keys.status });
    },
  }),
});

const api = createApi(runtime.fetch);
// The language decides how the first frame looks; without an answer the system's is used.
const settings = await api.settings.get({}).catch(() => null);
showTheme(settings?.theme ?? "");
await startI18n(resolveLanguage(settings?.language ?? ""));

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <LiveProvider api={api} runtime={runtime}>
          <Gate />
        </LiveProvider>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
