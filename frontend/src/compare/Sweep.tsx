import { count } from "../common/format";
import type { RunList, Sweep as Answer } from "../server/answers";
import { getSweep } from "../server/api";
import { useReading } from "../server/useReading";
import { RankedRuns } from "./RankedRuns";
import { SettingScores } from "./SettingScores";
import "./compare.css";

const TESTED = 6; // runs from which the server tests a setting

interface Props {
  list: RunList;
  filling: boolean; // whether rows are being read
  unfilled: string | null; // why rows could not be read
  opened: boolean;
  open: (opened: boolean) => void; // opening it reads all runs
  select: (run: string) => void;
}

/** The runs ranked by their score, and which settings tell the scores apart. */
export function Sweep({ list, filling, unfilled, opened, open, select }: Props) {
  const unread = list.runs.filter((row) => row.status === null).length;
  const isReady = opened && !filling && unread === 0; // asked once, when all rows have been read
  const { value, trouble } = useReading(isReady ? getSweep : null);
  return (
    <details class="compare" data-testid="sweep" open={opened} onToggle={(event) => open(event.currentTarget.open)}>
      <summary>
        <b>What separates the runs that go well</b>
      </summary>
      <div class="inside">
        {unread > 0 && unfilled !== null ? (
          <p>Not all could be read: {unfilled}</p>
        ) : unread > 0 ? (
          <p class="quiet" role="status">
            Reading all of them: {count(unread, "run")} left.
          </p>
        ) : trouble !== null ? (
          <p>{trouble}</p>
        ) : value === null ? (
          <p class="quiet">Reading…</p>
        ) : value.settings.length === 0 ? (
          <p>{value.are_settings_known ? NOTHING_DIFFERS : NOTHING_KNOWN}</p>
        ) : (
          <Found sweep={value} logdir={list.logdir} select={select} />
        )}
      </div>
    </details>
  );
}

const NOTHING_DIFFERS = "Nothing that was set differs between these runs.";
const NOTHING_KNOWN =
  "What was set in these runs is not known. Logs of tb_diagnose hold it, and what is logged for TensorBoard's HParams tab.";

function Found({ sweep, logdir, select }: { sweep: Answer; logdir: string; select: (run: string) => void }) {
  const separating = sweep.settings.filter((setting) => setting.separates);
  const others = sweep.settings.filter((setting) => !setting.separates && setting.parts.length > 0);
  const range = rangeOf(sweep.runs.flatMap(({ score }) => (score === null ? [] : [score])));
  const shown = (settings: Answer["settings"]) =>
    settings.map((setting) => <SettingScores key={setting.name} setting={setting} score={sweep.score} range={range} />);
  return (
    <>
      {sweep.score === null ? <p>These runs have no score in common.</p> : separating.length === 0 && <p>{nothing(sweep)}</p>}
      {shown(separating)}
      <RankedRuns sweep={sweep} logdir={logdir} select={select} />
      {others.length > 0 && (
        <details class="others">
          <summary>The other settings, by value</summary>
          {shown(others)}
        </details>
      )}
    </>
  );
}

const rangeOf = (scores: number[]): [number, number] =>
  scores.reduce<[number, number]>(([low, high], score) => [Math.min(low, score), Math.max(high, score)], [Infinity, -Infinity]);

function nothing({ settings, runs }: Answer): string {
  const isTested = settings.some((setting) => setting.separates !== null);
  return isTested
    ? `No setting tells the scores of the ${count(runs.length, "run")} apart better than chance would.`
    : `Fewer than ${TESTED} runs: nothing tells whether a setting matters.`;
}
