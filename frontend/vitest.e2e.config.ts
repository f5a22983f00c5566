import { defineConfig } from "vitest/config";
import { PATIENCE } from "./e2e/patience";

export default defineConfig({
  test: {
    include: ["e2e/screen.e2e.ts", "e2e/folders.screen.e2e.ts", "e2e/folders.system.e2e.ts", "e2e/folders.e2e.ts", "e2e/folders.trouble.e2e.ts", "e2e/folders.relay.e2e.ts", "e2e/office.e2e.ts", "e2e/directory.e2e.ts", "e2e/directory.sheets.e2e.ts", "e2e/search.e2e.ts", "e2e/attachments.e2e.ts", "e2e/attachments.large.e2e.ts", "e2e/messages.e2e.ts", "e2e/threads.e2e.ts", "e2e/ding.e2e.ts", "e2e/groups.e2e.ts", "e2e/relay.e2e.ts", "e2e/meetings.screen.e2e.ts", "e2e/meetings.devices.e2e.ts", "e2e/calls.e2e.ts", "e2e/calls.net.e2e.ts", "e2e/calls.turn.e2e.ts", "e2e/guests.e2e.ts", "e2e/guests.relay.e2e.ts", "e2e/contracts.screen.e2e.ts", "e2e/contracts.e2e.ts", "e2e/contracts.outside.e2e.ts", "e2e/circles.e2e.ts", "e2e/contracts.acts.e2e.ts", "e2e/contracts.renewal.e2e.ts", "e2e/contracts.papers.e2e.ts", "e2e/contracts.seals.e2e.ts"],
    environment: "node",
    // Each file has an office of its own and a process of its own, and its people wait for each other most of the time.
    pool: "forks",
    maxWorkers: 3,
    sequence: { concurrent: false, shuffle: false },
    testTimeout: 5 * PATIENCE,
    expect: { poll: { timeout: PATIENCE } },
    hookTimeout: 5 * PATIENCE,
    // The stories of a file follow each other: after a failure the next ones mostly confuse. Those of other files do not.
    bail: 6,
  },
});
