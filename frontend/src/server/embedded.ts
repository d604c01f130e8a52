/** An exported file: the page carries the answers of the server along, and there is no server. */

import { type Diagnosis, type Evidence, SCHEMA, type TrainingRow } from "./types";

/** The Python side of this is tb_diagnose/document.py. */
interface Embedded {
  schema: number;
  message: string | null;
  trainings: {
    row: TrainingRow;
    diagnosis: Diagnosis;
    evidence: Evidence; // of what the pictures show
    series: Record<string, string>; // base64 of what the server would send
  }[];
}

const element = () => document.getElementById("tb-diagnose");
let read: { from: Element; embedded: Embedded } | undefined;

export const isEmbedded = () => element() !== null;

/** What the server would answer; null where there is one to ask. */
export function answerOf(route: string, query: URLSearchParams): Response | null {
  const from = element();
  if (!from) return null;
  if (read?.from !== from) read = { from, embedded: JSON.parse(from.textContent) };
  const { message, trainings } = read.embedded;
  if (route === "trainings")
    return json({ schema: SCHEMA, logdir: "", message, trainings: trainings.map(({ row }) => row) });
  const found = trainings.find(({ row }) => row.training === query.get("training"));
  if (found && route === "diagnosis") return json(found.diagnosis);
  if (found && route === "evidence") return json(found.evidence);
  const series = found && route === "series" && found.series[query.get("name") ?? ""];
  return series ? new Response(bytesOf(series)) : refusal("This file does not hold that.");
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

const json = (value: unknown) => new Response(JSON.stringify(value));

const refusal = (sentence: string) => new Response(sentence, { status: 404, headers: { "content-type": "text/plain" } });
