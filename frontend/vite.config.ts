import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the same build is served over http and by the window's asset handler.
  base: "./",
  plugins: [react()],
  // The worker that blurs backgrounds loads a module at run time; in the other format it could not.
  worker: { format: "es" },
  assetsInclude: ["**/*.tflite"],
  build: {
    target: ["es2022", "safari16", "chrome110"],
    // A strict content policy refuses data: addresses.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
});
