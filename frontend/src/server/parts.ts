/** Names for parts of the answers that have no name in the schema. */

import type { Diagnosis, Evidence } from "./answers";

/** The version of the answers that this page understands. */
export const SCHEMA: Diagnosis["schema"] = 2;

export type Series = Evidence["series"][string];
export type Fact = Evidence["facts"][string];

/** What series and facts have in common. */
export type Quantity = Omit<Fact, "value">;
