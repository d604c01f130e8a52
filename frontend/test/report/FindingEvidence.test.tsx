import { screen, waitFor, within } from "@testing-library/preact";
import { expect, test } from "vitest";
import { sharingChains } from "../../src/report/Chain";
import { sample, serve } from "../server";
import { open, show } from "../tab";

test("causes that bring the same about share one chain, and its first box says what was measured of each", async () => {
  const server = serve("deep");
  const [one, other] = server.samples[0].diagnosis.probable_causes;
  other.consequences = one.consequences;
  await show();
  const chains = screen.getAllByTestId("chain");
  expect(chains.length).toBe(1);
  const first = chains[0].querySelector("li")!;
  for (const { title } of [one, other]) expect(first.textContent).toContain(title);
  expect(first.textContent).toContain(one.saw.slice(0, 40));
});

test("causes with other consequences have chains of their own", () => {
  const [one] = sample("stalled").diagnosis.probable_causes;
  const other = { ...one, id: "other", consequences: [] };
  expect(sharingChains([one, other, { ...one, id: "third" }]).map((group) => group.map(({ id }) => id))).toEqual([[one.id, "third"], ["other"]]);
});

test("the address in a source is a link, a citation stays text", async () => {
  await open("stalled");
  const sources = within(screen.getByTestId("evidence")).getByRole("list", { name: "Sources", hidden: true });
  const link = sources.querySelector("a")!;
  expect(link.href).toBe("https://keras.io/api/layers/");
  expect(link.rel).toBe("noreferrer");
  expect(link.parentElement!.textContent).toBe("https://keras.io/api/layers/: what each of them takes");
  expect(sources.textContent).toContain("Lu et al.");
});

test("where nothing shows a cause there is no heading over nothing", async () => {
  const server = serve("stalled");
  const [finding] = server.samples[0].diagnosis.probable_causes;
  Object.assign(finding, { pictures: [], consequences: [] });
  await show();
  await waitFor(() => expect(screen.getByTestId("evidence").textContent).toContain(`What happens inside: ${finding.title}`));
  expect(screen.queryByRole("heading", { name: /What shows it/ })).toBeNull();
});
