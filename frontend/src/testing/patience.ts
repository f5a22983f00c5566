import { vi } from "vitest";

// A loaded machine is no failure: without a time of its own a wait of vi has 60 s in place of one, as those of testing-library have.
const waitFor = vi.waitFor.bind(vi);
vi.waitFor = (what, options = { timeout: 60_000 }) => waitFor(what, options);
