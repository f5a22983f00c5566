import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "node",
    setupFiles: ["src/testing/patience.ts"],
    // Each file has modules and a page of its own in either, but what is compiled for one is not compiled anew for the next: half of a processor's time.
    pool: "vmThreads",
    maxWorkers: 2,
    // What contexts of past files keep is given back with their thread.
    vmMemoryLimit: "300MB",
    testTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
