/** In an exported file the page contains the answers, and there is no server. */

import type { Diagnosis, Evidence, RunRow } from "./answers";
import { SCHEMA } from "./parts";

/** The Python side of this is tb_diagnose/report/html.py. */
interface Embedded {
  schema: number;
  message: string | null;
  runs: {
    row: RunRow;
    diagnosis: Diagnosis;
    evidence: Evidence; // of what the pictures show
    series: Record<string, string>; // base64 of what the server would send
  }[];
}

const element = () => document.getElementById("tb-diagnose");
let parsed: { from: Element; embedded: Embedded } | undefined;

export const isEmbedded = () => element() !== null;

/** What the server would answer; null where there is a server. */
export function answerOf(route: string, query: URLSearchParams): Response | null {
  const from = element();
  if (!from) return null;
  if (parsed?.from !== from) parsed = { from, embedded: JSON.parse(from.textContent) };
  const { message, runs } = parsed.embedded;
  if (route === "runs") return json({ schema: SCHEMA, logdir: "", message, runs: runs.map(({ row }) => row) });
  const run = runs.find(({ row }) => row.run === query.get("run"));
  if (run && route === "diagnosis") return json(run.diagnosis);
  if (run && route === "evidence") return json({ ...run.evidence, schema: SCHEMA }); // made with this very page;
  const series = run && route === "series" && run.series[query.get("name") ?? ""];
  return series ? new Response(bytesOf(series)) : refusal("This file does not hold that.");
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

const json = (value: unknown) => new Response(JSON.stringify(value));

const refusal = (text: string) => new Response(text, { status: 404, headers: { "content-type": "text/plain" } });
