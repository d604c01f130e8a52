import { count } from "../common/format";
import { Prose } from "../common/Prose";
import type { Cleared, Failed, Untried } from "../server/types";
import "./Rest.css";

/** What is not a finding: checked and fine, not tried, broken. */

/** With the number that cleared each; `others`: beside a cause that was found. */
export function ClearedList({ cleared, open, others }: { cleared: Cleared[]; open: boolean; others: boolean }) {
  if (cleared.length === 0) return null;
  const explained = new Set<string>();
  return (
    <details data-testid="cleared" open={open}>
      <summary>
        <b>{others ? "Why not the others? Checked and fine" : "Checked and fine"}</b> <span class="badge">{cleared.length}</span>
      </summary>
      <dl class="inside pairs">
        {cleared.map(({ id, title, saw }) => (
          <div key={id} data-cause={id}>
            <dt>{title}</dt>
            <dd>
              <Prose text={saw} terms={explained} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

export function UntriedList({ untried, open }: { untried: Untried[]; open: boolean }) {
  if (untried.length === 0) return null;
  const remedies = new Set(untried.map(({ log }) => log));
  const same = remedies.size === 1 && untried.length > 1; // said once, over all of them
  return (
    <details data-testid="untried" open={open}>
      <summary>
        <b>Could not be tried</b> <span class="badge">{untried.length}</span>
      </summary>
      {same && (
        <p class="inside remedy">
          <Prose text={untried[0].log} />
        </p>
      )}
      <dl class="inside pairs">
        {untried.map(({ id, title, missing, log }) => (
          <div key={id} data-cause={id}>
            <dt>{title}</dt>
            <dd>
              {!same && <Prose text={log} />}
              {missing.length > 0 && (
                <span class="missing">
                  Not logged:{" "}
                  {missing.map((name, i) => (
                    <>
                      {i > 0 && ", "}
                      <code>{name}</code>
                    </>
                  ))}
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

export function FailedList({ failed }: { failed: Failed[] }) {
  if (failed.length === 0) return null;
  return (
    <details data-testid="failed">
      <summary>
        <b>{count(failed.length, "check")} stopped with an error</b> <span class="saw">The others are not affected.</span>
      </summary>
      <dl class="inside pairs">
        {failed.map(({ id, title, error }) => (
          <div key={id} data-cause={id}>
            <dt>{title}</dt>
            <dd>
              <code>{error}</code>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
