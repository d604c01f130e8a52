import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { App } from "../src/App";
import { Prose } from "../src/Prose";
import { TERMS } from "../src/terms";
import { json, refusal, sample, sampleNames, serve } from "./server";

const open = async (...names: string[]) => {
  const server = serve(...names);
  render(<App />);
  await screen.findByTestId("headline");
  return server;
};
/** What TensorBoard's page does when the tab comes back to the front. */
const comeBack = () => {
  vi.stubGlobal("innerHeight", 0);
  fireEvent(window, new Event("resize"));
  vi.stubGlobal("innerHeight", 700);
  fireEvent(window, new Event("resize"));
};

beforeEach(() => {
  window.location.hash = "";
});

describe("a stalled training", () => {
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
    expect(code.querySelector(".new")!.textContent).toContain('+ Dense(1, activation="sigmoid")  # dense_1');
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

  test("folds away what is fine, what was not tried and what broke, with counts", async () => {
    await open("stalled");
    const cleared = screen.getByTestId("cleared") as HTMLDetailsElement;
    expect(cleared.open).toBe(false);
    expect(cleared.querySelector("summary")!.textContent).toContain("11");
    expect(screen.getByTestId("untried").textContent).toContain("raw_loss");
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
    expect(server.asked.slice(asked)).toEqual(["api/series?training=threshold&name=dead_fraction"]);
  });

  test("two causes are both shown, and which to try first", async () => {
    await open("deep");
    expect(screen.getAllByTestId("probable-cause")).toHaveLength(2);
    expect(screen.getByText(/Try the first one first/)).toBeTruthy();
  });

  test("without a cause says what could not be tried", async () => {
    await open("unknown");
    expect(screen.queryByTestId("probable-cause")).toBeNull();
    expect(screen.getByText(/No probable cause was found. 5 possible causes were checked/)).toBeTruthy();
    const untried = screen.getByTestId("untried") as HTMLDetailsElement;
    expect(untried.open).toBe(true);
    expect(untried.textContent!.split("to the callbacks.")).toHaveLength(2); // the same remedy for all is said once
  });
});

describe("other states", () => {
  test("a healthy training is calm and says what was checked", async () => {
    await open("learning");
    expect(screen.queryByTestId("probable-cause")).toBeNull();
    expect(screen.getByText(/Nothing needs to change. 11 possible causes were checked/)).toBeTruthy();
    expect((screen.getByTestId("cleared") as HTMLDetailsElement).open).toBe(true);
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
    ["not generalizing", "Not generalizing", "Validation rows stay behind"],
    ["unfinished", "Ended too early", "Training ended while it was learning"],
    ["misreported", "Misreported", "Output activation"],
  ])("%s has a word, a cause and an end of its chain", async (status, word, end) => {
    const server = serve("stalled");
    Object.assign(server.samples[0].diagnosis, { status });
    render(<App />);
    await screen.findByTestId("headline");
    expect(screen.getByTestId("status").textContent).toBe(word);
    expect(screen.getByTestId("probable-cause")).toBeTruthy();
    expect(document.body.textContent).toContain(end);
  });

  test("a status that this page does not know is shown by its own name", async () => {
    const server = serve("short");
    Object.assign(server.samples[0].diagnosis, { status: "resting" });
    render(<App />);
    await screen.findByTestId("headline");
    expect(screen.getByTestId("status").textContent).toBe("resting");
  });

  test("no trainings: why, and the lines to add", async () => {
    serve().message = "No training was found in `/logs`.";
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toBe("No training was found in /logs.");
    expect(screen.getByText(/tb_diagnose.KerasCallback/)).toBeTruthy();
  });

  test("what the server refuses is shown in its words", async () => {
    const server = serve("stalled");
    server.override = (url) => (url.pathname.endsWith("/diagnosis") ? refusal(400, "The model's JSON is broken.") : undefined);
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toBe("The model's JSON is broken.");
    expect(screen.getByTestId("training-list")).toBeTruthy();
  });

  test("an error page is not shown as it is", async () => {
    serve("stalled").override = () => new Response("<html>boom", { status: 500, headers: { "content-type": "text/html" } });
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toContain("error 500");
  });

  test("a newer server asks for a reload of the page", async () => {
    serve("stalled").override = () => json({ schema: 2, trainings: "other" });
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toContain("Reload this browser page");
  });

  test("a missing series leaves the rest of the card", async () => {
    const server = serve("stalled");
    server.override = (url) => (url.pathname.endsWith("/series") ? refusal(404, "There is no such series.") : undefined);
    render(<App />);
    expect(await screen.findByText("No pictures: There is no such series.")).toBeTruthy();
    expect(screen.getByTestId("chain")).toBeTruthy();
  });
});

describe("the list", () => {
  test("opens on what was trained last; each row tells its state in words", async () => {
    await open("learning", "stalled", "short");
    const items = screen.getAllByTestId("training-item");
    expect(items.map((item) => item.dataset.training)).toEqual(["fixed/lr=0.001", "threshold", "short"]);
    expect(items.map((item) => item.getAttribute("aria-current"))).toEqual([null, "true", null]);
    expect(items[1].textContent).toContain("Stalled, epochs 1 to 10");
    expect(items[2].textContent).toContain("Too short to tell, 1 epoch");
    expect(items[1].querySelector(".spark path")!.getAttribute("d")).toMatch(/^M[\d. ]+(L[\d. ]+){9}$/);
    expect(items[2].querySelector(".spark")).toBeNull(); // one epoch is no curve
    expect(items[1].querySelector(".age")!.textContent).toMatch(/ago$|^\d{4}-/);
  });

  test("click and arrow keys choose; the focus goes along", async () => {
    await open("learning", "stalled", "short");
    fireEvent.click(screen.getAllByTestId("training-item")[0]);
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toContain("Accuracy is rising"));
    const list = screen.getByTestId("training-list");
    fireEvent.keyDown(list, { key: "End" });
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toContain("One epoch"));
    expect((document.activeElement as HTMLElement).dataset.training).toBe("short");
    fireEvent.keyDown(list, { key: "ArrowDown" });
    expect((document.activeElement as HTMLElement).dataset.training).toBe("short");
    expect(screen.getAllByTestId("training-item").map((item) => item.tabIndex)).toEqual([-1, -1, 0]);
  });

  test("a link chooses; one that leads nowhere says so", async () => {
    window.location.hash = "#diagnosis&p.diagnosis.training=short";
    await open("stalled", "short");
    expect(screen.getByTestId("headline").textContent).toContain("One epoch");
  });

  test("a link that leads nowhere says so", async () => {
    window.location.hash = "#diagnosis&p.diagnosis.training=deleted";
    await open("stalled");
    expect(screen.getByTestId("message").textContent).toBe("There is no training “deleted” here. This is “threshold”.");
  });

  test("the run in the log directory itself goes by the folder's name", async () => {
    const server = serve("short");
    server.samples[0].row.training = server.samples[0].diagnosis.training = ".";
    render(<App />);
    await screen.findByTestId("headline");
    expect(screen.getByTestId("training-item").textContent).toContain("logs");
  });
});

describe("following the server", () => {
  test("a new epoch appears in place: same folds, same element", async () => {
    const server = await open("stalled");
    const cleared = screen.getByTestId("cleared") as HTMLDetailsElement;
    cleared.open = true;
    server.samples[0].diagnosis.headline = "Accuracy moves again.";
    comeBack();
    await screen.findByText("Accuracy moves again.");
    expect(screen.getByTestId("cleared")).toBe(cleared);
    expect(cleared.open).toBe(true);
  });

  test("what is new since the last reload is marked, in the report and in the list", async () => {
    const server = await open("stalled", "learning");
    expect(screen.getByTestId("news").textContent).toBe("");
    const [stalled, learning] = server.samples;
    stalled.diagnosis.status = "learning";
    stalled.diagnosis.curve!.epochs.push(11);
    stalled.diagnosis.probable_causes = [];
    learning.row.status = "stalled";
    comeBack();
    const cause = "no longer: Output activation does not fit the loss";
    await waitFor(() => expect(screen.getByTestId("news").textContent).toBe(`Since the last reload: 1 new epoch, Stalled → Learning, ${cause}`));
    const item = screen.getAllByTestId("training-item").find(({ dataset }) => dataset.training === learning.row.training)!;
    expect(item.textContent).toContain("changed");
    fireEvent.click(item);
    await waitFor(() => expect(item.textContent).not.toContain("changed")); // it was looked at
  });

  test("nothing new: nothing is drawn or read again", async () => {
    const server = await open("stalled");
    await screen.findAllByTestId("evidence-picture");
    const svg = screen.getByTestId("curve").querySelector("svg");
    server.asked.length = 0;
    comeBack();
    await waitFor(() => expect(server.asked).toEqual(["api/trainings", "api/diagnosis?training=threshold"]));
    await new Promise((done) => setTimeout(done));
    expect(screen.getByTestId("curve").querySelector("svg")).toBe(svg);
  });

  test("a server that is gone leaves the report, and the page goes on when it is back", async () => {
    const server = await open("stalled");
    vi.useFakeTimers({ shouldAdvanceTime: true });
    server.up = false;
    comeBack();
    expect((await screen.findByTestId("message")).textContent).toContain("TensorBoard does not answer. You see what was read at");
    expect(screen.getByTestId("headline").textContent).toContain("stalled at 0.50");
    server.up = true;
    await vi.advanceTimersByTimeAsync(5000);
    await waitFor(() => expect(screen.queryByTestId("message")).toBeNull());
  });

  test("gone before the first answer", async () => {
    serve("stalled").up = false;
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toContain("continues by itself");
  });

  test("a slow answer to an older question is dropped", async () => {
    const server = await open("learning", "stalled", "short");
    let release!: () => void;
    const slow = new Promise<void>((done) => (release = done));
    const fetch = globalThis.fetch;
    vi.stubGlobal("fetch", async (address: string) => {
      if (address.includes("diagnosis?training=short")) await slow;
      return fetch(address);
    });
    const [learning, , short] = screen.getAllByTestId("training-item");
    fireEvent.click(short);
    fireEvent.click(learning);
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toContain("Accuracy is rising"));
    release();
    await new Promise((done) => setTimeout(done, 20));
    expect(screen.getByTestId("headline").textContent).toContain("Accuracy is rising");
    expect(server.up).toBe(true);
  });
});

describe("a report to take away", () => {
  const markdown = "## threshold: stalled\n";
  const serveExport = async () => {
    const server = await open("stalled");
    server.override = (url) => {
      if (!url.pathname.endsWith("/export")) return undefined;
      if (url.searchParams.get("form") === "markdown") return new Response(markdown);
      return new Response("<!DOCTYPE html>", { headers: { "content-disposition": 'attachment; filename="diagnosis-threshold.html"' } });
    };
    return server;
  };
  const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

  test("is copied as Markdown, and the button says so", async () => {
    const server = await serveExport();
    const writeText = vi.fn(async () => {});
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    press("Copy as Markdown");
    await screen.findByRole("button", { name: "Copied" });
    expect(writeText).toHaveBeenCalledWith(markdown);
    expect(server.asked).toContain("api/export?training=threshold&form=markdown");
    expect(screen.getByText("Copied").getAttribute("aria-live")).toBe("polite");
  });

  test.each([true, false])("is copied where there is no clipboard: %s", async (works) => {
    await serveExport();
    vi.stubGlobal("navigator", {});
    let taken = "";
    document.execCommand = vi.fn(() => {
      taken = document.querySelector("textarea")!.value;
      return works;
    });
    press("Copy as Markdown");
    await screen.findByText(works ? "Copied" : "The browser does not let this page copy.");
    expect(taken).toBe(markdown);
    expect(document.querySelector("textarea")).toBeNull();
  });

  test("is saved under the name that the server gives", async () => {
    await serveExport();
    let saved = "";
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => {} }));
    const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      saved = `${this.download} ${this.href}`;
    });
    press("Save as HTML");
    await waitFor(() => expect(saved).toBe("diagnosis-threshold.html blob:x"));
    click.mockRestore();
  });

  test("what the server refuses is said", async () => {
    const server = await serveExport();
    server.override = () => refusal(404, "There is no training.");
    press("Save as HTML");
    await screen.findByText("There is no training.");
  });
});

describe("an exported file", () => {
  const base64 = (values: unknown[]) => Buffer.from(Float32Array.from(values.flat(), Number).buffer).toString("base64");
  const embed = (...names: string[]) => {
    const trainings = names.map(sample).map((one) => ({
      ...one,
      series: Object.fromEntries(Object.entries(one.series).map(([name, values]) => [name, base64(values)])),
    }));
    const element = document.createElement("script");
    element.type = "application/json";
    element.id = "tb-diagnose";
    element.textContent = JSON.stringify({ schema: 1, message: "No training was found.", trainings });
    document.head.append(element);
    vi.stubGlobal("fetch", () => expect.fail("an exported file asks nobody"));
    render(<App />);
  };
  afterEach(() => document.getElementById("tb-diagnose")?.remove());

  test("shows everything without a server, and offers nothing that needs one", async () => {
    embed("stalled", "learning");
    await screen.findAllByTestId("evidence-picture");
    expect(screen.getByTestId("headline").textContent).toContain("stalled at 0.50 since epoch 1");
    expect(screen.getByTestId("evidence").querySelector("svg")).not.toBeNull();
    for (const part of ["compare", "sweep", "message"]) expect(screen.queryByTestId(part)).toBeNull();
    expect(screen.queryByText("Save as HTML")).toBeNull();
    fireEvent.click(screen.getAllByTestId("training-item")[1]);
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toContain("Accuracy is rising"));
  });

  test("without trainings says why", async () => {
    embed();
    expect((await screen.findByTestId("message")).textContent).toBe("No training was found.");
    expect(document.body.textContent).not.toContain("reload button");
  });

  test("that was cut short says so and does not wait for a server", async () => {
    embed("stalled");
    cleanup();
    const element = document.getElementById("tb-diagnose")!;
    const cut = element.cloneNode() as Element;
    cut.textContent = element.textContent.slice(0, 500);
    element.replaceWith(cut);
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).not.toContain("TensorBoard");
  });
});

describe("text stays text", () => {
  test("strings that look like HTML", async () => {
    await open("hostile");
    await waitFor(() => expect(document.body.textContent).not.toContain("Reading the evidence"));
    expect(document.querySelector("img, script")).toBeNull();
    expect(screen.getByTestId("headline").textContent).toContain('<img src=x onerror="window.hacked=1">');
    expect(document.body.querySelectorAll("[onerror], [onmouseover]")).toHaveLength(0);
  });

  test("a name that turns the writing direction does not turn the sentence", () => {
    const { container } = render(<Prose text={"The layer a\u202eb has 1 unit"} />);
    expect(container.textContent).toBe("The layer a\ufffdb has 1 unit");
  });

  test("backticks are code, arrows are arrows", () => {
    const { container } = render(<Prose text={"Change `a -> b` -> ``c`d`` and 5 -> 6, `open"} />);
    expect(container.textContent).toBe("Change a -> b → c`d and 5 → 6, `open");
    expect([...container.querySelectorAll("code")].map((code) => code.textContent)).toEqual(["a -> b", "c`d"]);
  });

  test("no source makes HTML from strings", () => {
    const folder = join(import.meta.dirname, "../src");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) {
      expect(readFileSync(join(folder, file), "utf8"), file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?:\/\//);
    }
  });
});

describe("many trainings", () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const name = `run${String(i).padStart(3, "0")}`;
      const { row } = sample(i % 10 === 7 ? "stalled" : "reached");
      return { ...row, training: name, updated: 1000 - i };
    });
  const openMany = async (count: number) => {
    const all = rows(count);
    const server = serve("reached");
    server.override = (url) => {
      const route = url.pathname.split("/").pop();
      if (route === "trainings")
        return json({ schema: 1, logdir: "/logs", message: null, trainings: all.map((row) => ({ ...row, status: null, cause: null, epochs: 0 })) });
      if (route === "rows") {
        const names = url.searchParams.getAll("name");
        return json({ schema: 1, rows: Object.fromEntries(names.map((name) => [name, all.filter((row) => row.training === name)])) });
      }
      if (route === "diagnosis") return json({ ...sample("reached").diagnosis, training: url.searchParams.get("training") });
      return undefined;
    };
    render(<App />);
    await screen.findByTestId("headline");
    return server;
  };
  const items = () => screen.getAllByTestId("training-item");
  const read = (server: { asked: string[] }) =>
    server.asked.filter((address) => address.startsWith("api/rows")).flatMap((address) => new URLSearchParams(address.split("?")[1]).getAll("name"));

  test("are a page of names at once, and only these are read", async () => {
    const server = await openMany(120);
    expect(items().length).toBe(50);
    await waitFor(() => expect(items()[7].textContent).toContain("Stalled"));
    await waitFor(() => expect(new Set(read(server)).size).toBe(50));
    fireEvent.click(screen.getByText("Next"));
    await waitFor(() => expect(items()[0].dataset.training).toBe("run050"));
    await waitFor(() => expect(new Set(read(server)).size).toBe(100));
    expect(screen.getByText("51–100 of 120")).toBeTruthy();
  });

  test("are searched by name from the keyboard", async () => {
    await openMany(120);
    fireEvent.keyDown(document.body, { key: "/" });
    const search = screen.getByRole("searchbox");
    expect(document.activeElement).toBe(search);
    fireEvent.input(search, { target: { value: "run 11" } });
    expect(items().map((item) => item.dataset.training)).toEqual(["run011", ...Array.from({ length: 10 }, (_, i) => `run11${i}`)]);
    fireEvent.input(search, { target: { value: "nothing" } });
    expect(screen.getByText("No training fits.")).toBeTruthy();
  });

  test("are read whole for a filter, and the worst come first", async () => {
    const server = await openMany(60);
    fireEvent.change(screen.getByLabelText("Status"), { target: { value: "stalled" } });
    await waitFor(() => expect(items().map((item) => item.dataset.training)).toEqual(["run007", "run017", "run027", "run037", "run047", "run057"]));
    expect(new Set(read(server)).size).toBe(60);
    fireEvent.change(screen.getByLabelText("Status"), { target: { value: "" } });
    fireEvent.click(screen.getByLabelText("Worst first"));
    expect(items()[5].dataset.training).toBe("run057");
    expect(items()[6].dataset.training).toBe("run000");
    fireEvent.change(screen.getByLabelText("Cause"), { target: { value: "output_activation" } });
    expect(items().length).toBe(6);
  });

  test("a deep link opens the page that it is on", async () => {
    window.location.hash = "#diagnosis&p.diagnosis.training=run110";
    await openMany(120);
    await waitFor(() => expect(items().some((item) => item.getAttribute("aria-current") === "true")).toBe(true));
    expect(items().find((item) => item.getAttribute("aria-current"))!.dataset.training).toBe("run110");
  });
});

describe("two trainings", () => {
  test("are compared by name, what differs before where they part", async () => {
    const server = await open("stalled", "reached");
    const [one, other] = [sample("stalled"), sample("reached")].map(({ row }) => row.training);
    server.override = (url) =>
      url.pathname.endsWith("/compare")
        ? json({
            schema: 1,
            unit: "epoch",
            differences: [{ name: "output.activation", values: ["relu", "<b>sigmoid</b>"] }, { name: "batch_size", values: [32, null] }],
            partings: [{ name: "probe_loss", since: 0, values: [0.7, 0.1] }, { name: "accuracy", since: 2, values: [0.5, 0.9] }],
          })
        : undefined;
    const compare = screen.getByTestId("compare");
    const shown = screen.getByTestId("headline").textContent;
    const wanted = shown!.includes("stalled") ? other : one;
    fireEvent.input(within(compare).getByLabelText("Name of the other training"), { target: { value: "nonsense" } });
    expect(compare.textContent).toContain("No training has that name.");
    fireEvent.input(within(compare).getByLabelText("Name of the other training"), { target: { value: wanted } });
    await waitFor(() => expect(compare.querySelectorAll("table").length).toBe(2));
    expect(compare.textContent).toContain("<b>sigmoid</b>");
    const rows = [...compare.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows).toEqual([
      ["output.activation", "relu", "<b>sigmoid</b>"],
      ["batch_size", "32", "–"],
      ["Probe loss", "the start", "0.7", "0.1"],
      ["Accuracy", "epoch 2", "0.5", "0.9"],
    ]);
  });

  test("are compared anew when one of them has grown", async () => {
    const server = await open("stalled", "reached");
    let asked = 0;
    server.override = (url) => {
      if (!url.pathname.endsWith("/compare")) return undefined;
      return json({ schema: 1, unit: "epoch", differences: [{ name: "seed", values: [123456789, ++asked] }], partings: [] });
    };
    const compare = screen.getByTestId("compare");
    fireEvent.input(within(compare).getByLabelText("Name of the other training"), { target: { value: "reached" } });
    await waitFor(() => expect(compare.querySelector("tbody")!.textContent).toBe("seed1234567891"));
    server.samples[0].row.updated! += 60;
    comeBack();
    await waitFor(() => expect(compare.querySelector("tbody")!.textContent).toBe("seed1234567892"));
  });

  test("are not offered where there is one", async () => {
    await open("stalled");
    expect(screen.queryByTestId("compare")).toBeNull();
    expect(screen.queryByTestId("sweep")).toBeNull();
  });

  test("the best one is a click away", async () => {
    await open("stalled", "reached", "learning");
    const compare = screen.getByTestId("compare");
    fireEvent.click(within(compare).getByRole("button", { name: /^The best one:/ }));
    const chosen = within(compare).getByLabelText<HTMLInputElement>("Name of the other training").value;
    expect(chosen).toBe(sample("learning").row.training); // by validation accuracy
  });
});

describe("a sweep", () => {
  test("shows the settings that tell the good ones from the others, once all were read", async () => {
    const server = await open("stalled", "reached", "learning");
    let asked = 0;
    server.override = (url) => {
      if (!url.pathname.endsWith("/sweep")) return undefined;
      asked++;
      return json({ schema: 1, judged: 3, separations: [{ name: "learning_rate", right: 1, counts: [[0.1, 2, 0], [0.5, 0, 1]] }] });
    };
    const sweep = screen.getByTestId<HTMLDetailsElement>("sweep");
    expect(asked).toBe(0);
    sweep.open = true;
    fireEvent(sweep, new Event("toggle"));
    await waitFor(() => expect(sweep.querySelector("table")).not.toBeNull());
    expect(sweep.textContent).toContain("learning_rate alone tells 100 % of them apart.");
    const rows = [...sweep.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows).toEqual([["0.1", "2", "0"], ["0.5", "0", "1"]]);
  });
});
