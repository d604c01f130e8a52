import type { Finding } from "../server/answers";
import { Facts } from "./Facts";
import "./FindingCard.css";

/** A probable cause. `isOnly`: else the lines of code of all causes stand together, above the cards. */
export function FindingCard({ finding, isOnly }: { finding: Finding; isOnly: boolean }) {
  return (
    <article class="card" data-testid="probable-cause" data-cause={finding.id}>
      <h2>{finding.title}</h2>
      <Facts finding={finding} hasCode={isOnly} />
    </article>
  );
}
