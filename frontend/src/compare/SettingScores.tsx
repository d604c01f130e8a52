import { useId } from "preact/hooks";
import { inSentence, number, percent } from "../common/format";
import type { SweepSetting } from "../server/answers";
import { cellText } from "./cellText";
import { settingName } from "./settingName";

const WIDTH = 160;
const HEIGHT = 16;
const RADIUS = 3;

interface Props {
  setting: SweepSetting;
  score: string | null;
  range: [number, number]; // lowest and highest score of all runs
}

/** What the runs with each value of a setting have reached. */
export function SettingScores({ setting, score, range }: Props) {
  const { name, together_with, explains, separates, parts } = setting;
  const title = useId();
  const others = together_with.map(settingName);
  return (
    <>
      <p id={title} class="title">
        <code>{settingName(name)}</code>
        {separates && explains !== null && ` accounts for ${percent(Math.round(100 * explains) / 100)} of the differences in ${score}`}
        {others.length > 0 && `, together with ${inSentence(others)}, which changes in the same runs`}
        {(separates || others.length > 0) && "."}
      </p>
      <div class="wide">
        <table aria-labelledby={title}>
          <thead>
            <tr>
              {["Value", "Runs", "Best", "Median"].map((head) => (
                <th key={head} scope="col">{head}</th>
              ))}
              <th scope="col" class="picture">{score === null ? "Scores" : `${number(range[0])} to ${number(range[1])}`}</th>
            </tr>
          </thead>
          <tbody>
            {parts.map(({ value, to, runs, best, median, scores }) => (
              <tr key={cellText(value)}>
                <th scope="row">{to === null ? cellText(value) : `${cellText(value)} to ${cellText(to)}`}</th>
                <td>{cellText(runs)}</td>
                <td>{cellText(best)}</td>
                <td>{cellText(median)}</td>
                <td class="picture">
                  <Strip scores={scores} median={median} range={range} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** A dot for each score, and a line at the median. The numbers beside it say the same. */
function Strip({ scores, median, range: [low, high] }: { scores: (number | null)[]; median: number | null; range: [number, number] }) {
  const x = (score: number) => RADIUS + (WIDTH - 2 * RADIUS) * (high > low ? (score - low) / (high - low) : 0.5);
  const places = [...new Set(scores.flatMap((score) => (score === null ? [] : [x(score).toFixed(1)])))];
  return (
    <svg class="strip" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={`M0 ${HEIGHT / 2}H${WIDTH}`} />
      {places.map((place) => (
        <circle key={place} cx={place} cy={HEIGHT / 2} r={RADIUS} />
      ))}
      {median !== null && <path class="median" d={`M${x(median).toFixed(1)} 1V${HEIGHT - 1}`} />}
    </svg>
  );
}
