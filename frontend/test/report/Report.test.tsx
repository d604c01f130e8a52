import { fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { App } from "../../src/App";
import { TERMS } from "../../src/common/terms";
import { refusal, sample, sampleNames, serve } from "../server";
import { open, show } from "../tab";

beforeEach(() => {
  window.location.hash = "";
});

describe("a stalled run", () => {
  test("says what, since when, why and what to change", async () => {
    await open("stalled");
    expect(screen.getByTestId("status").textContent).toBe("Stalled");
    expect(screen.getByTestId("headline").textContent).toContain("stalled at 0.50 since epoch 1");
    const card = screen.getByTestId("probable-cause");
    expect(card.dataset.cause).toBe("output_activation");
    expect([...card.querySelectorAll("dt")].slice(0, 3).map((dt) => dt.textContent)).toEqual(["Measured", "Expected", "What to change"]);
    const fix = card.querySelector("dd.fix")!;
    expect([...fix.querySelectorAll("code")].slice(0, 2).map((code) => code.textContent)).toEqual([
      'Dense(1, activation="relu")',
      'Dense(1, activation="sigmoid")',
    ]);
    expect(fix.textContent).toContain("→");
    expect(screen.getByTestId("evidence").textContent).toContain("What happens inside");
    // What to do stands before what shows it.
    expect(card.compareDocumentPosition(screen.getByTestId("curve"))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  test("the lines to change are copied with one click, without what they replace", async () => {
    const written = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText: written } });
    await open("stalled");
    const code = screen.getByTestId("fix-code");
    expect(code.querySelector(".old")!.textContent).toContain('− Dense(1, activation="relu")');
    expect(code.querySelector(".new")!.textContent).toContain('+ Dense(1, activation="sigmoid")  # train.py:31');
    fireEvent.click(within(code).getByRole("button", { name: "Copy" }));
    await waitFor(() => expect(within(code).getByRole("button").textContent).toBe("Copied"));
    expect(written).toHaveBeenCalledWith('Dense(1, activation="sigmoid")');
  });

  test("where the browser refuses to copy, it says so", async () => {
    vi.stubGlobal("navigator", {});
    await open("stalled");
    const button = within(screen.getByTestId("fix-code")).getByRole("button");
    fireEvent.click(button);
    await waitFor(() => expect(button.textContent).toBe("The browser does not let this page copy."));
  });

  test("a word that a reader may not know has its meaning, on hover and on focus, once", async () => {
    await open("stalled");
    const card = screen.getByTestId("probable-cause");
    expect(within(card).queryByRole("tooltip")).toBeNull();
    const term = within(card).getByRole("button", { name: "relu" });
    fireEvent.focus(term);
    await waitFor(() => expect(within(card).getByRole("tooltip").textContent).toBe(TERMS.relu));
    expect(term.getAttribute("aria-describedby")).toBe(within(card).getByRole("tooltip").id);
    fireEvent.keyDown(term, { key: "Escape" });
    await waitFor(() => expect(within(card).queryByRole("tooltip")).toBeNull());
    fireEvent.mouseEnter(term.parentElement!);
    await waitFor(() => expect(within(card).getByRole("tooltip")).toBeTruthy());
    fireEvent.keyDown(document.body, { key: "Escape" }); // wherever the focus is
    await waitFor(() => expect(within(card).queryByRole("tooltip")).toBeNull());
  });

  test("a box of the chain opens what was measured of it", async () => {
    await open("stalled");
    const chain = screen.getByTestId("chain");
    const box = within(chain).getByRole("button", { name: /Dead ReLU units/ });
    expect(box.getAttribute("aria-expanded")).toBe("false");
    fireEvent.click(box);
    await waitFor(() => expect(chain.querySelector("[data-name=dead_fraction] svg")).not.toBeNull());
    expect(box.getAttribute("aria-expanded")).toBe("true");
    fireEvent.click(box);
    await waitFor(() => expect(chain.querySelector("[data-name=dead_fraction]")).toBeNull());
  });

  test.each([
    ["fine", "frozen_layers"],
    ["does_not_apply", "excessive_regularization"],
    ["could_not_tell", "excessive_augmentation"],
  ])("a link to a cause in the list %s opens the list", async (list, cause) => {
    window.location.hash = `#diagnosis&p.diagnosis.cause=${cause}`;
    await open("stalled");
    expect(screen.getByTestId<HTMLDetailsElement>(list).open).toBe(true);
  });

  test("a link to a note opens it", async () => {
    window.location.hash = "#diagnosis&p.diagnosis.cause=unscaled_inputs";
    await open("stalled");
    expect(screen.getByTestId("notes").querySelector<HTMLDetailsElement>("[data-cause=unscaled_inputs]")!.open).toBe(true);
    window.location.hash = "";
  });

  test("shows the curve with its levels and the stalled epochs", async () => {
    await open("stalled");
    const curve = within(screen.getByTestId("curve")).getByRole("img");
    expect(curve.querySelector("svg")).not.toBeNull();
    expect(curve.textContent).toContain("majority share 0.5021");
    expect(curve.textContent).toContain("stalled, epochs 1 to 10");
    expect(curve.getAttribute("aria-label")).toContain("Training accuracy, epochs 1 to 10.");
  });

  test("shows the evidence and the chain to the stall", async () => {
    await open("stalled");
    await screen.findAllByTestId("evidence-picture");
    const links = [...screen.getByTestId("chain").querySelectorAll("li b")].map((b) => b.textContent);
    expect(links).toEqual([
      "Output activation does not fit the loss",
      "Dead ReLU units",
      "Vanishing gradients",
      "Constant prediction",
      "Training accuracy stalled",
    ]);
  });

  test("folds away what is fine, what does not apply, what could not be told and what broke, with counts", async () => {
    await open("stalled");
    for (const [list, summary] of [
      ["fine", "Why not the others? Checked and fine 11"],
      ["does_not_apply", "Does not apply 2"],
      ["could_not_tell", "Could not be told 2"],
    ]) {
      const fold = screen.getByTestId<HTMLDetailsElement>(list);
      expect(fold.open).toBe(false);
      expect(fold.querySelector("summary")!.textContent).toBe(summary);
    }
    expect(screen.getByTestId("does_not_apply").textContent).toContain("no layer is regularized");
    expect(screen.getByTestId("could_not_tell").textContent).toContain("raw_loss");
    expect(screen.getByTestId("failed").textContent).toContain("ZeroDivisionError");
    expect(screen.getByTestId("notes").textContent).toContain("Unscaled inputs");
  });

  test("reads the evidence of a note when it is opened", async () => {
    const server = await open("stalled");
    await screen.findAllByTestId("evidence-picture");
    const asked = server.asked.length;
    const note = screen.getByTestId("notes").querySelector<HTMLDetailsElement>("[data-cause=unscaled_inputs]")!;
    note.open = true;
    fireEvent(note, new Event("toggle"));
    await waitFor(() => expect(note.querySelector("[data-name=input_range] svg")).not.toBeNull());
    expect(server.asked.slice(asked)).toEqual(["api/series?run=threshold&name=dead_fraction"]);
  });

  test("without a cause says what could not be told", async () => {
    await open("unknown");
    expect(screen.queryByTestId("probable-cause")).toBeNull();
    expect(screen.getByText(/No probable cause was found. 5 possible causes were checked/)).toBeTruthy();
    const unknown = screen.getByTestId<HTMLDetailsElement>("could_not_tell");
    expect(unknown.open).toBe(true);
    expect(unknown.textContent.split("to the callbacks.")).toHaveLength(2); // the same remedy for all is said once
  });
});

describe("other states", () => {
  test("a healthy run is calm and says what was checked", async () => {
    await open("learning");
    expect(screen.queryByTestId("probable-cause")).toBeNull();
    expect(screen.getByText(/Nothing needs to change. 11 possible causes were checked/)).toBeTruthy();
    expect(screen.getByTestId<HTMLDetailsElement>("fine").open).toBe(true);
  });

  test("a ceiling with something worth a note", async () => {
    await open("reached");
    expect(screen.getByTestId("notes").textContent).toContain("Worth a note");
    expect(screen.queryByText(/Nothing needs to change/)).toBeNull();
  });

  test.each(sampleNames)("%s has a status, a headline and no broken part", async (name) => {
    await open(name);
    expect(screen.getByTestId("status").dataset.status).toBe(sample(name).diagnosis.status);
    await waitFor(() => expect(document.body.textContent).not.toContain("Reading the evidence"));
    expect(document.body.textContent).not.toMatch(/could not be shown|undefined|\[object/);
  });

  test.each([
    ["not generalizing", "Not generalizing", "Validation samples stay behind"],
    ["unfinished", "Ended too early", "Training ended while it was learning"],
    ["misreported", "Misreported", "Output activation"],
  ])("%s has a word, a cause and an end of its chain", async (status, word, end) => {
    const server = serve("stalled");
    Object.assign(server.samples[0].diagnosis, { status });
    await show();
    expect(screen.getByTestId("status").textContent).toBe(word);
    expect(screen.getByTestId("probable-cause")).toBeTruthy();
    expect(document.body.textContent).toContain(end);
  });

  test("a status that this page does not know is shown by its own name", async () => {
    const server = serve("short");
    Object.assign(server.samples[0].diagnosis, { status: "resting" });
    await show();
    expect(screen.getByTestId("status").textContent).toBe("resting");
  });

  test("a missing series leaves the rest of the card", async () => {
    const server = serve("stalled");
    server.override = (url) => (url.pathname.endsWith("/series") ? refusal(404, "There is no such series.") : undefined);
    render(<App />);
    expect(await screen.findByText("No pictures: There is no such series.")).toBeTruthy();
    expect(screen.getByTestId("chain")).toBeTruthy();
  });
});
