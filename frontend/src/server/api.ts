import { answerOf } from "./embedded";
import { type Comparison, type Diagnosis, type Evidence, type Rows, SCHEMA, type Sweep, type Trainings } from "./types";

/** The server does not answer: what is on the screen stays there until it does. */
export class Gone extends Error {}

/** The server answered with a sentence for the user instead of data. */
export class Refused extends Error {}

const GATEWAY_ERRORS = [502, 503, 504]; // a proxy speaking for a TensorBoard that is not there

type Query = Record<string, string> | [string, string][];

async function get(route: string, query: Query = {}, signal?: AbortSignal): Promise<Response> {
  const search = new URLSearchParams(query);
  const response = answerOf(route, search) ?? (await ask(route, search.toString(), signal));
  if (!response.ok) throw new Refused(await sentence(response));
  return response;
}

// Relative to <base>: works behind path prefixes, proxies and in notebooks.
async function ask(route: string, search: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`api/${route}${search && `?${search}`}`, { signal });
  } catch {
    throw new Gone("TensorBoard does not answer.");
  }
  if (GATEWAY_ERRORS.includes(response.status)) throw new Gone("TensorBoard does not answer.");
  return response;
}

async function sentence(response: Response): Promise<string> {
  const isText = response.headers.get("content-type")?.startsWith("text/plain");
  const text = isText ? (await response.text()).trim() : "";
  return text.slice(0, 500) || `TensorBoard answered with error ${response.status}. Its terminal says more.`;
}

async function getJson<T>(route: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await get(route, query, signal);
  try {
    return await response.json();
  } catch {
    // A server that dies half way through its answer, or a login page of a proxy.
    throw new Gone("TensorBoard's answer was cut short.");
  }
}

function sameSchema<T extends { schema: number }>(answer: T): T {
  if (answer.schema !== SCHEMA) throw new Refused("tb_diagnose was updated. Reload this browser page.");
  return answer;
}

export const getTrainings = async (signal?: AbortSignal) => sameSchema(await getJson<Trainings>("trainings", {}, signal));

/** The rows of some names, judged; a few at a time, so that the first ones are soon there. */
export const getRows = async (names: string[], signal?: AbortSignal) =>
  sameSchema(await getJson<Rows>("rows", names.map((name) => ["name", name]), signal)).rows;

export const getDiagnosis = async (training: string, signal?: AbortSignal) =>
  sameSchema(await getJson<Diagnosis>("diagnosis", { training }, signal));

export const getComparison = async (training: string, other: string, signal?: AbortSignal) =>
  sameSchema(await getJson<Comparison>("compare", { training, other }, signal));

export const getSweep = async (signal?: AbortSignal) => sameSchema(await getJson<Sweep>("sweep", {}, signal));

/** One report to take away. */
export const getExport = (training: string, form: "html" | "markdown") => get("export", { training, form });

export const getEvidence = (training: string) => getJson<Evidence>("evidence", { training });

/** Little-endian float32, as every browser's typed arrays are. NaN: not measured. */
export async function getSeries(training: string, name: string): Promise<Float32Array> {
  const bytes = await (await get("series", { training, name })).arrayBuffer();
  return new Float32Array(bytes, 0, Math.floor(bytes.byteLength / 4));
}
