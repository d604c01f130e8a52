/**
 * Writes src/server/answers.ts, the types of the server's answers, from their schema. `npm run types` does this; with
 * --print the types are printed instead, for the test that holds the file against the schema.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileFromFile } from "json-schema-to-typescript";

const SCHEMA = fileURLToPath(new URL("../tb_diagnose/report/answers.schema.json", import.meta.url));
const TYPES = fileURLToPath(new URL("src/server/answers.ts", import.meta.url));

const compiled = await compileFromFile(SCHEMA, {
  bannerComment: "/* Generated from tb_diagnose/report/answers.schema.json: change that file, then run `npm run types`. */",
  unreachableDefinitions: true, // Report is only printed by the command line
  style: { printWidth: 120 },
});

// Where a type stands in the schema is seen by its name.
const types = compiled
  .replace(/(\n \*)?\n \* This interface was referenced by `.*`'s JSON-Schema\n \* via the `definition` ".*"\./g, "")
  .replace(/\/\*\*\n \*\/\n/g, "");

if (process.argv.includes("--print")) process.stdout.write(types);
else writeFileSync(TYPES, types);
