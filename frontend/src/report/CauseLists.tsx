import type { ComponentChildren } from "preact";
import { count } from "../common/format";
import { Prose } from "../common/Prose";
import type { Failed, NotTold, Told } from "../server/answers";
import "./CauseLists.css";

/** What is not a finding: fine, does not apply, could not be told, broken. */

interface FineProps {
  fine: Told[];
  isOpen: boolean;
  isBesideCause: boolean; // a cause was named, and these are the others
}

/** What was checked, with the number that cleared each. */
export function FineList({ fine, isOpen, isBesideCause }: FineProps) {
  return (
    <Fold testId="fine" title={isBesideCause ? "Why not the others? Checked and fine" : "Checked and fine"} size={fine.length} isOpen={isOpen}>
      <ToldPairs told={fine} />
    </Fold>
  );
}

/** What this run has nothing of. */
export function DoesNotApplyList({ told, isOpen }: { told: Told[]; isOpen: boolean }) {
  return (
    <Fold testId="does_not_apply" title="Does not apply" size={told.length} isOpen={isOpen}>
      <ToldPairs told={told} />
    </Fold>
  );
}

/** What the logs do not tell, and what to log. */
export function CouldNotTellList({ causes, isOpen }: { causes: NotTold[]; isOpen: boolean }) {
  const remedies = new Set(causes.map(({ log }) => log));
  const isSame = remedies.size === 1 && causes.length > 1; // said once, over all of them
  return (
    <Fold testId="could_not_tell" title="Could not be told" size={causes.length} isOpen={isOpen}>
      {isSame && (
        <p class="inside remedy">
          <Prose text={causes[0].log} />
        </p>
      )}
      <dl class="inside pairs">
        {causes.map(({ id, title, missing, log }) => (
          <Pair key={id} id={id} title={title}>
            {!isSame && <Prose text={log} />}
            {missing.length > 0 && <Missing names={missing} />}
          </Pair>
        ))}
      </dl>
    </Fold>
  );
}

/** Checks that broke. */
export function FailedList({ failed }: { failed: Failed[] }) {
  if (failed.length === 0) return null;
  return (
    <details data-testid="failed">
      <summary>
        <b>{count(failed.length, "check")} stopped with an error</b> <span class="saw">The others are not affected.</span>
      </summary>
      <dl class="inside pairs">
        {failed.map(({ id, title, error }) => (
          <Pair key={id} id={id} title={title}>
            <code>{error}</code>
          </Pair>
        ))}
      </dl>
    </details>
  );
}

interface FoldProps {
  testId: string;
  title: string;
  size: number; // of what is inside; without any there is no fold
  isOpen: boolean;
  children: ComponentChildren;
}

function Fold({ testId, title, size, isOpen, children }: FoldProps) {
  if (size === 0) return null;
  return (
    <details data-testid={testId} open={isOpen}>
      <summary>
        <b>{title}</b> <span class="badge">{size}</span>
      </summary>
      {children}
    </details>
  );
}

function ToldPairs({ told }: { told: Told[] }) {
  const explained = new Set<string>();
  return (
    <dl class="inside pairs">
      {told.map(({ id, title, saw }) => (
        <Pair key={id} id={id} title={title}>
          <Prose text={saw} terms={explained} />
        </Pair>
      ))}
    </dl>
  );
}

function Pair({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <div data-cause={id}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Missing({ names }: { names: string[] }) {
  return (
    <span class="missing">
      Not logged:{" "}
      {names.map((name, i) => (
        <>
          {i > 0 && ", "}
          <code>{name}</code>
        </>
      ))}
    </span>
  );
}
