import { defineConfig } from "vitest/config";
import { licences } from "./vite/licences.ts";
import { stylesInScript } from "./vite/styles.ts";

// Not Vite's library mode: its ES output keeps white space and is half as large again.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../tb_diagnose/plugin/static",
    emptyOutDir: true,
    modulePreload: false,
    reportCompressedSize: true,
    target: "es2022",
    rollupOptions: {
      input: "src/index.tsx",
      preserveEntrySignatures: "strict", // TensorBoard calls the exported render()
      output: { format: "es", entryFileNames: "index.js", codeSplitting: false },
    },
  },
  plugins: [licences("LICENSES.txt"), stylesInScript()],
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000, // a busy machine is no failure
  },
});
