// @vitest-environment node
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const frontend = join(import.meta.dirname, "../..");

test("the types are those of the schema", () => {
  const generated = execFileSync(process.execPath, ["types.mjs", "--print"], { cwd: frontend, encoding: "utf8" });
  const committed = readFileSync(join(frontend, "src/server/answers.ts"), "utf8");
  expect(committed === generated, "The schema was changed. Run: npm run types (in frontend/).").toBe(true);
});
