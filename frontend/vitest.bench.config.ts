import { defineConfig } from "vitest/config";

// Figures, one after the other, and nothing of vitest between them.
export default defineConfig({
  test: { include: ["e2e/**/*.bench.ts"], environment: "node", fileParallelism: false, maxWorkers: 1, hookTimeout: 120_000, disableConsoleIntercept: true, reporters: ["dot"] },
});
