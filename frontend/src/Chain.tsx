import { epochs } from "./format";
import { Prose } from "./Prose";
import type { Diagnosis, Finding } from "./types";

interface Link {
  title: string;
  saw: string;
}

/** How the cause reaches the accuracy, one step a box. */
export function Chain({ finding, diagnosis }: { finding: Finding; diagnosis: Diagnosis }) {
  if (finding.consequences.length === 0) return null;
  const end = outcome(diagnosis);
  const links: Link[] = [{ title: finding.title, saw: "" }, ...finding.consequences]; // what it saw stands above
  return (
    <div class="chain" data-testid="chain">
      <h4>{end ? "How it gets there" : "What follows from it"}</h4>
      <ol>
        {links.map((link, i) => (
          <Box key={i} {...link} />
        ))}
        {end && <Box {...end} end />}
      </ol>
    </div>
  );
}

function Box({ title, saw, end = false }: Link & { end?: boolean }) {
  return (
    <li class={end ? "end" : undefined}>
      <b>{title}</b>
      {saw && (
        <span>
          <Prose text={saw} />
        </span>
      )}
    </li>
  );
}

function outcome({ status, since, until, unit, where, curve }: Diagnosis): Link | null {
  const what = curve?.label ?? "Accuracy";
  if (status === "stalled") return { title: `${what} stalled`, saw: [where, epochs(since, until, unit)].filter(Boolean).join(", ") };
  if (status === "diverged") return { title: "Training diverged", saw: epochs(since, null, unit) ?? "" };
  if (status === "crashed") return { title: "Training crashed", saw: "" };
  if (status === "not generalizing") return { title: "Validation rows stay behind", saw: epochs(since, until, unit) ?? "" };
  if (status === "unfinished") return { title: "Training ended while it was learning", saw: "" };
  return null;
}
