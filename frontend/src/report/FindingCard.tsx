import type { Finding } from "../server/answers";
import { Facts } from "./Facts";
import "./FindingCard.css";

interface Props {
  finding: Finding;
  hasCode: boolean; // else its lines stand with those of others, above the cards
  isTakenBack: boolean; // a trial has shown that its change does not help
}

/** A probable cause. */
export function FindingCard({ finding, hasCode, isTakenBack }: Props) {
  return (
    <article class="card" data-testid="probable-cause" data-cause={finding.id}>
      <h2>
        {finding.title}
        {isTakenBack && <span class="taken-back">Taken back: its change was tried and does not help.</span>}
      </h2>
      <Facts finding={finding} hasCode={hasCode} />
    </article>
  );
}
