import { type ComponentChildren, Fragment } from "preact";
import { count } from "../common/format";
import { Prose } from "../common/Prose";
import type { Failed, NotTold, Told } from "../server/answers";
import "./CauseLists.css";

/** The causes that are no finding: fine, do not apply, could not be told, or failed. */

interface FineProps {
  fine: Told[];
  isOpen: boolean;
  isBesideCause: boolean; // a probable cause was named, and these are the others
}

/** Causes that were checked and are fine, each with the number that cleared it. */
export function FineList({ fine, isOpen, isBesideCause }: FineProps) {
  return (
    <Fold testId="fine" title={isBesideCause ? "Why not the others? Checked and fine" : "Checked and fine"} size={fine.length} isOpen={isOpen}>
      <Pairs causes={fine} />
    </Fold>
  );
}

/** Causes that cannot occur in this run, each with the reason. */
export function DoesNotApplyList({ causes, isOpen }: { causes: Told[]; isOpen: boolean }) {
  return (
    <Fold testId="does_not_apply" title="Does not apply" size={causes.length} isOpen={isOpen}>
      <Pairs causes={causes} />
    </Fold>
  );
}

/** Causes that the logs are not enough for, each with what to log. */
export function CouldNotTellList({ causes, isOpen }: { causes: NotTold[]; isOpen: boolean }) {
  const remedies = [...new Set(causes.map(({ log }) => log))]; // each is said once, over all that it helps
  return (
    <Fold testId="could_not_tell" title="Could not be told" size={causes.length} isOpen={isOpen}>
      {remedies.map((remedy) => (
        <Fragment key={remedy}>
          <p class="inside remedy">
            <Prose text={remedy} />
          </p>
          <dl class="inside pairs">
            {causes
              .filter(({ log }) => log === remedy)
              .map(({ id, title, missing }) => (
                <Pair key={id} id={id} title={title}>
                  {missing.length > 0 && <Missing names={missing} />}
                </Pair>
              ))}
          </dl>
        </Fragment>
      ))}
    </Fold>
  );
}

/** Causes whose check raised an error. */
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
  size: number; // number of causes; without any there is no fold
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

function Pairs({ causes }: { causes: Told[] }) {
  const explained = new Set<string>();
  return (
    <dl class="inside pairs">
      {causes.map(({ id, title, saw }) => (
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
