import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/preact";
import { describe, expect, test, vi } from "vitest";
import type { Diagnosis } from "../../src/server/answers";
import { serve } from "../server";
import { open, show } from "../tab";

/** The report of a sample, changed. */
async function openChanged(name: string, change: (diagnosis: Diagnosis) => void): Promise<void> {
  change(serve(name).samples[0].diagnosis);
  await show();
}

describe("several causes", () => {
  test("are all to be changed, with one block of code that is copied at once", async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    await open("deep");
    expect(screen.getByText("2 independent faults were found. Change all of them:")).toBeTruthy();
    expect(document.body.textContent).not.toContain("equally likely");
    const patch = screen.getByTestId("patch");
    expect(patch.querySelectorAll(".old")).toHaveLength(1);
    fireEvent.click(within(patch).getByRole("button", { name: "Copy" }));
    await waitFor(() => expect(within(patch).getByRole("button").textContent).toBe("Copied"));
    expect(writeText).toHaveBeenCalledWith('Conv2D(32, 3, activation="relu")\nx = (x - x.mean(axis=0)) / x.std(axis=0)');
    const cards = screen.getAllByTestId("probable-cause");
    expect(cards).toHaveLength(2);
    for (const card of cards) {
      expect([...card.querySelectorAll("dt")].map((dt) => dt.textContent)).toEqual(["Measured", "Expected", "What to change"]);
      expect(within(card).queryByTestId("fix-code")).toBeNull(); // the lines stand above
    }
    expect(patch.compareDocumentPosition(cards[0])).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  test("of which one has no code: its title says so", async () => {
    await openChanged("deep", (diagnosis) => {
      diagnosis.patch = diagnosis.probable_causes[0].code;
      diagnosis.probable_causes[1].code = [];
    });
    expect(screen.getByText("Not in these lines: Unscaled inputs. See what to change below.")).toBeTruthy();
  });

  test("without any code: there is no block", async () => {
    await openChanged("deep", (diagnosis) => {
      diagnosis.patch = [];
      for (const cause of diagnosis.probable_causes) cause.code = [];
    });
    expect(screen.getByText("2 independent faults were found. Change all of them.")).toBeTruthy();
    expect(screen.queryByTestId("patch")).toBeNull();
  });

  test("of which one is no fault are not called faults", async () => {
    await openChanged("deep", (diagnosis) => (diagnosis.probable_causes[1].family = "mechanism"));
    expect(screen.getByText("2 probable causes were found. Change all of them:")).toBeTruthy();
  });
});

describe("a card", () => {
  test("says how often its cause was named, and how often rightly", async () => {
    await open("stalled");
    expect(screen.getByTestId("probable-cause").textContent).not.toContain("too few");
    expect(screen.getByTestId("probable-cause").textContent).toContain("Named first in 43 test runs, rightly in 43.");
  });

  test.each([
    [1, "certain"],
    [0.9, "almost certain"],
    [0.5, "likely"],
    [0.2, "possible"],
  ])("says how sure it is in a word, with what it means: %s", async (certainty, word) => {
    await openChanged("stalled", (diagnosis) => (diagnosis.probable_causes[0].certainty = certainty));
    const sure = within(screen.getByTestId("probable-cause")).getByTestId("sure");
    const term = within(sure).getByRole("button", { name: word });
    fireEvent.focus(term);
    expect(within(sure).getByRole("tooltip").textContent).toMatch(/\.$/);
  });

  test("says that a few test runs are no rate", async () => {
    await openChanged("stalled", (diagnosis) => (diagnosis.probable_causes[0].record = { named: 15, right: 15 }));
    expect(screen.getByTestId("probable-cause").textContent).toContain("Named first in 15 test runs, rightly in 15: too few for a rate.");
  });

  test("has one cause's code in it, and no block above", async () => {
    await open("stalled");
    expect(within(screen.getByTestId("probable-cause")).getByTestId("fix-code")).toBeTruthy();
    expect(screen.queryByTestId("patch")).toBeNull();
  });

  test("says which line of the program is to be changed, and nothing where it was not noted", async () => {
    await openChanged("stalled", ({ probable_causes: [cause] }) => (cause.places = ["net.py:7", "net.py:8", "net.py:9", "train.py:31"]));
    expect(screen.getByTestId("places").textContent).toBe("net.py:7, net.py:8, net.py:9 and 1 more");
    cleanup();
    await open("deep");
    expect(screen.queryByTestId("places")).toBeNull();
  });

  test("of a mechanism says which of its causes are fine and which could not be told", async () => {
    const [rate, start, inputs] = ["Learning rate too high", "Poor initialization", "Unscaled inputs"].map((title) => ({ id: title, title }));
    await openChanged("stalled", ({ probable_causes: [cause] }) => {
      cause.family = "mechanism";
      cause.origins = { fine: [rate, start], could_not_tell: [inputs] };
    });
    expect(screen.getByTestId("probable-cause").textContent).toContain(
      "No fault that brings this about was found. Checked and fine: Learning rate too high and Poor initialization. Could not be told: Unscaled inputs.",
    );
  });

  test("of a mechanism counts its causes where there are many", async () => {
    await open("guessing");
    expect(screen.getByTestId("probable-cause").textContent).toMatch(/Could not be told: \d+ causes\./);
  });
});

test("a note that was set aside says by which cause and why", async () => {
  await open("stalled");
  const note = screen.getByTestId("notes").querySelector("[data-cause=unscaled_inputs] summary")!;
  expect(note.textContent).toContain("Set aside: Output activation does not fit the loss leaves the same traces and is more certain.");
});
