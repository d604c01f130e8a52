import { screen, waitFor } from "@testing-library/preact";
import { expect, test } from "vitest";
import { sample, serve } from "../server";
import { open, show } from "../tab";

test("what became of the causes of the run before is said in one sentence", async () => {
  const server = serve("stalled", "reached");
  const [now, before] = server.samples;
  Object.assign(before.row, {
    status: "stalled",
    updated: now.row.updated! - 60,
    causes: [{ id: "unscaled_inputs", title: "Unscaled inputs" }, { id: "dead_relu", title: "ReLU units that are dead" }, ...now.row.causes],
  });
  await show();
  await waitFor(() =>
    expect(screen.getByTestId("since-last").textContent).toBe(
      "Since the last run of the same model and data, reached: fixed: unscaled inputs and ReLU units that are dead; " +
        `still open: ${sample("stalled").row.causes[0].title.replace("Output", "output")}; new: none.`,
    ),
  );
  expect(screen.getByTestId("since-last").querySelector("a")!.getAttribute("href")).toContain("#diagnosis&p.diagnosis.run=reached");
});

test("without a run of the same model and data nothing is said", async () => {
  await open("stalled", "deep");
  expect(screen.queryByTestId("since-last")).toBeNull();
});
