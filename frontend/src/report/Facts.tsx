import { count, inSentence } from "../common/format";
import { Prose } from "../common/Prose";
import { Term } from "../common/Term";
import type { CauseName, Finding, Origins, TrackRecord } from "../server/answers";
import { howSure } from "./howSure";
import { Patch } from "./Patch";
import "./Facts.css";

const MOST_TITLES = 8; // causes that a sentence names; of more it says how many
const MOST_PLACES = 3; // lines that a sentence names, as the reports in text do

/** What was measured, what is expected and what to change. `hasCode`: with the lines of code. */
export function Facts({ finding, hasCode = true }: { finding: Finding; hasCode?: boolean }) {
  const explained = new Set<string>(); // each term once
  return (
    <>
      <dl class="facts">
        <dt>Measured</dt>
        <dd>
          <Prose text={finding.saw} terms={explained} />
        </dd>
        <dt>Expected</dt>
        <dd>
          <Prose text={finding.expected} terms={explained} />
        </dd>
        <dt class="fix">What to change</dt>
        <dd class="fix">
          {finding.change ? <Prose text={finding.change} /> : !hasCode && "As the lines above."}
          {hasCode && finding.code.length > 0 && <Patch lines={finding.code} testId="fix-code" />}
        </dd>
        {finding.trial && (
          <>
            <dt>Trial</dt>
            <dd data-testid="tried">
              <Prose text={finding.trial} />
            </dd>
          </>
        )}
        {finding.places.length > 0 && (
          <>
            <dt>Line</dt>
            <dd data-testid="places">
              <Prose text={placesInWords(finding.places)} />
            </dd>
          </>
        )}
      </dl>
      {finding.origins && <p class="about">{originsInWords(finding.origins)}</p>}
      <p class="about" data-testid="sure">
        How sure: <Term {...howSure(finding.certainty)} />
        {finding.record && `. ${recordInWords(finding.record)}`}
      </p>
    </>
  );
}

/** The first few lines of the user's own program. */
function placesInWords(places: string[]): string {
  const more = places.length - MOST_PLACES;
  const shown = places.slice(0, MOST_PLACES).map((place) => `\`${place}\``);
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Which of the causes that bring a mechanism about were cleared, and which could not be told. */
function originsInWords({ fine, could_not_tell: unknown }: Origins): string {
  const titles = (causes: CauseName[]) =>
    causes.length > MOST_TITLES ? count(causes.length, "cause") : inSentence(causes.map(({ title }) => title));
  return [
    "No fault that brings this about was found.",
    fine.length > 0 && `Checked and fine: ${titles(fine)}.`,
    unknown.length > 0 && `Could not be told: ${titles(unknown)}.`,
  ]
    .filter(Boolean)
    .join(" ");
}

const recordInWords = ({ named, right }: TrackRecord) =>
  named === 0
    ? "Never named first in a test run."
    : `Named first in ${named} test ${named === 1 ? "run" : "runs"}, rightly in ${right}${named < ENOUGH ? ": too few for a rate" : ""}.`;

const ENOUGH = 20; // runs from which a share of them tells something
