import type { Finding } from "../server/answers";
import { Facts } from "./Facts";
import "./FindingCard.css";

/** A probable cause. Unless it is the only one, its lines of code stand with those of the others, above the cards. */
export function FindingCard({ finding, isOnly }: { finding: Finding; isOnly: boolean }) {
  return (
    <article class="card" data-testid="probable-cause" data-cause={finding.id}>
      <h2>{finding.title}</h2>
      <Facts finding={finding} hasCode={isOnly} />
    </article>
  );
}
