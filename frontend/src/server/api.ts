import type { Comparison, Diagnosis, Evidence, Overview, Rows, RunList, Sweep } from "./answers";
import { answerOf } from "./embedded";
import { SCHEMA } from "./parts";

/** The server does not answer: what is on the screen stays there until it does. */
export class Gone extends Error {}

/** The server answered with a sentence for the user instead of data. */
export class Refused extends Error {}

const GATEWAY_ERRORS = [502, 503, 504]; // sent by a proxy when TensorBoard is not there

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

async function getJson<T extends { schema: number }>(route: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await get(route, query, signal);
  let answer: T;
  try {
    answer = await response.json();
  } catch {
    // The server stopped in the middle of its answer, or a proxy sent its login page.
    throw new Gone("TensorBoard's answer was cut short.");
  }
  if (answer.schema !== SCHEMA) throw new Refused("tb_diagnose was updated. Reload this browser page.");
  return answer;
}

/** What is asked of an index: a filter, an order, runs before the page, and a run that may be on another one. */
export type Asked = Partial<Record<"where" | "sort" | "offset" | "run", string>>;

export const getRuns = (asked: Asked, signal?: AbortSignal) =>
  getJson<RunList>("runs", Object.entries(asked).filter(([, value]) => value !== ""), signal);

/** The judged rows of some names. */
export const getRows = async (names: string[], signal?: AbortSignal) =>
  (await getJson<Rows>("rows", names.map((name) => ["name", name]), signal)).rows;

export const getDiagnosis = (run: string, signal?: AbortSignal) => getJson<Diagnosis>("diagnosis", { run }, signal);

export const getComparison = (run: string, other: string, signal?: AbortSignal) =>
  getJson<Comparison>("compare", { run, other }, signal);

export const getSweep = (signal?: AbortSignal) => getJson<Sweep>("sweep", {}, signal);

/** What holds the runs of an index up, of those that fit a filter. */
export const getOverview = (where: string, signal?: AbortSignal) =>
  getJson<Overview>("overview", where === "" ? {} : { where }, signal);

export const getEvidence = (run: string) => getJson<Evidence>("evidence", { run });

/** Little-endian float32, like the typed arrays of all browsers. NaN: not measured. */
export async function getSeries(run: string, name: string): Promise<Float32Array> {
  const bytes = await (await get("series", { run, name })).arrayBuffer();
  return new Float32Array(bytes, 0, Math.floor(bytes.byteLength / 4));
}

/** One report as a file or as text. */
export const getExport = (run: string, form: "html" | "markdown") => get("export", { run, form });
