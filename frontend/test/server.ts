import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import type { Diagnosis, Evidence, RunRow } from "../src/server/answers";
import { nameOf } from "../src/state/rows";

/** The server of the contract, answering with test/samples. */
export interface Sample {
  row: RunRow;
  diagnosis: Diagnosis;
  evidence: Evidence;
  series: Record<string, unknown[]>;
}

const folder = join(import.meta.dirname, "samples");

export const sampleNames = readdirSync(folder).map((file) => file.replace(".json", ""));

export const sample = (name: string): Sample => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

export interface Server {
  samples: Sample[];
  message: string | null;
  up: boolean;
  asked: string[];
  override: (url: URL) => Response | undefined;
}

export function serve(...names: string[]): Server {
  const server: Server = { samples: names.map(sample), message: null, up: true, asked: [], override: () => undefined };
  vi.stubGlobal("fetch", async (address: string) => {
    server.asked.push(address);
    if (!server.up) throw new TypeError("Failed to fetch");
    const url = new URL(address, "http://localhost/data/plugin/diagnosis/");
    return server.override(url) ?? answer(server, url);
  });
  return server;
}

function answer({ samples, message }: Server, url: URL): Response {
  const route = url.pathname.split("/").pop();
  if (route === "runs") return json({ schema: 2, logdir: "/logs", message, runs: samples.map(({ row }) => row) });
  if (route === "rows") {
    const rows = url.searchParams.getAll("name").map((name) => [name, samples.map((s) => s.row).filter((row) => nameOf(row.run) === name)]);
    return json({ schema: 2, rows: Object.fromEntries(rows) });
  }
  const wanted = samples.find(({ row }) => row.run === url.searchParams.get("run"));
  if (!wanted) return refusal(404, "There is no such run.");
  if (route === "diagnosis") return json(wanted.diagnosis);
  if (route === "evidence") return json(wanted.evidence);
  const values = wanted.series[url.searchParams.get("name")!];
  return values ? new Response(Float32Array.from(values.flat(), Number).buffer) : refusal(404, "There is no such series.");
}

export const json = (value: unknown) => new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });

export const refusal = (status: number, text: string) => new Response(text, { status, headers: { "content-type": "text/plain" } });
