import { fireEvent, screen, waitFor } from "@testing-library/preact";
import { beforeEach, describe, expect, test } from "vitest";
import { json, sample, serve } from "../server";
import { open, show } from "../tab";

beforeEach(() => {
  window.location.hash = "";
});

describe("the list", () => {
  test("opens on what was trained last; each row tells its state in words", async () => {
    await open("learning", "stalled", "short");
    const items = screen.getAllByTestId("run-item");
    expect(items.map((item) => item.dataset.run)).toEqual(["fixed/lr=0.001", "threshold", "short"]);
    expect(items.map((item) => item.getAttribute("aria-current"))).toEqual([null, "true", null]);
    expect(items[1].textContent).toContain("Stalled, epochs 1 to 10");
    expect(items[2].textContent).toContain("Too short to tell, 1 epoch");
    expect(items[1].querySelector(".spark path")!.getAttribute("d")).toMatch(/^M[\d. ]+(L[\d. ]+){9}$/);
    expect(items[2].querySelector(".spark")).toBeNull(); // one epoch is no curve
    expect(items[1].querySelector(".age")!.textContent).toMatch(/ago$|\d{4}-/);
  });

  test("a loss that stands at the best constant answer is drawn at the top, one below it lower", async () => {
    const server = serve("learning", "stalled");
    Object.assign(server.samples[0].row, { spark: [0.9, 0.9, 0.9], constant: 0.9 });
    Object.assign(server.samples[1].row, { spark: [3, 0.6, 0.45], constant: 0.9 });
    await show();
    const heights = screen.getAllByTestId("run-item").map((item) => item.querySelector(".spark path")!.getAttribute("d")!.match(/ [\d.]+/g)!.map(Number));
    expect(heights).toEqual([
      [2, 2, 2],
      [2, 6.7, 9], // what is above is cut off
    ]);
  });

  test("a run at work says how far it has come, in the list and in its report", async () => {
    const server = serve("learning", "stalled");
    const extent = "epoch 18 of 30, running, 2 min left";
    for (const part of ["row", "diagnosis"] as const) Object.assign(server.samples[1][part], { extent });
    await show();
    const item = screen.getAllByTestId("run-item")[1];
    expect(item.querySelector(".state")!.textContent).toContain("epoch 18 of 30");
    expect(item.querySelector(".age")!.textContent).toMatch(/· 2 min left$/);
    expect(document.querySelector(".where")!.textContent).toContain(extent);
  });

  test("click and arrow keys choose; the focus goes along", async () => {
    await open("learning", "stalled", "short");
    fireEvent.click(screen.getAllByTestId("run-item")[0]);
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toContain("Accuracy is rising"));
    const list = screen.getByTestId("run-list");
    fireEvent.keyDown(list, { key: "End" });
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toContain("One epoch"));
    expect((document.activeElement as HTMLElement).dataset.run).toBe("short");
    fireEvent.keyDown(list, { key: "ArrowDown" });
    expect((document.activeElement as HTMLElement).dataset.run).toBe("short");
    expect(screen.getAllByTestId("run-item").map((item) => item.tabIndex)).toEqual([-1, -1, 0]);
  });

  test("a link chooses; one that leads nowhere says so", async () => {
    window.location.hash = "#diagnosis&p.diagnosis.run=short";
    await open("stalled", "short");
    expect(screen.getByTestId("headline").textContent).toContain("One epoch");
  });

  test("a link that leads nowhere says so", async () => {
    window.location.hash = "#diagnosis&p.diagnosis.run=deleted";
    await open("stalled");
    expect(screen.getByTestId("message").textContent).toBe("There is no run “deleted” here. This is “threshold”.");
  });

  test("the run in the log directory itself goes by the folder's name", async () => {
    const server = serve("short");
    server.samples[0].row.run = server.samples[0].diagnosis.run = ".";
    await show();
    expect(screen.getByTestId("run-item").textContent).toContain("logs");
  });
});

describe("many runs", () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const name = `run${String(i).padStart(3, "0")}`;
      const { row } = sample(i % 10 === 7 ? "stalled" : "reached");
      return { ...row, run: name, updated: 1000 - i };
    });
  const openMany = async (count: number) => {
    const all = rows(count);
    const server = serve("reached");
    server.override = (url) => {
      const route = url.pathname.split("/").pop();
      if (route === "runs")
        return json({ schema: 2, logdir: "/logs", message: null, runs: all.map((row) => ({ ...row, status: null, cause: null, epochs: 0 })) });
      if (route === "rows") {
        const names = url.searchParams.getAll("name");
        return json({ schema: 2, rows: Object.fromEntries(names.map((name) => [name, all.filter((row) => row.run === name)])) });
      }
      if (route === "diagnosis") return json({ ...sample("reached").diagnosis, run: url.searchParams.get("run") });
      return undefined;
    };
    await show();
    return server;
  };
  const items = () => screen.getAllByTestId("run-item");
  const read = (server: { asked: string[] }) =>
    server.asked.filter((address) => address.startsWith("api/rows")).flatMap((address) => new URLSearchParams(address.split("?")[1]).getAll("name"));

  test("are a page of names at once, and only these are read", async () => {
    const server = await openMany(120);
    expect(items().length).toBe(50);
    await waitFor(() => expect(items()[7].textContent).toContain("Stalled"));
    await waitFor(() => expect(new Set(read(server)).size).toBe(50));
    fireEvent.click(screen.getByText("Next"));
    await waitFor(() => expect(items()[0].dataset.run).toBe("run050"));
    await waitFor(() => expect(new Set(read(server)).size).toBe(100));
    expect(screen.getByText("51–100 of 120")).toBeTruthy();
  });

  test("are searched by name from the keyboard", async () => {
    await openMany(120);
    fireEvent.keyDown(document.body, { key: "/" });
    const search = screen.getByRole("searchbox");
    expect(document.activeElement).toBe(search);
    fireEvent.input(search, { target: { value: "run 11" } });
    expect(items().map((item) => item.dataset.run)).toEqual(["run011", ...Array.from({ length: 10 }, (_, i) => `run11${i}`)]);
    expect(screen.getByRole("heading", { name: "11 of 120 runs" })).toBeTruthy();
    expect(screen.getByTestId("shown-run").textContent).toBe("Shown, but not among them: run000");
    fireEvent.input(search, { target: { value: "nothing" } });
    expect(screen.getByText("No run matches.")).toBeTruthy();
  });

  test("are counted by status, and only what is there is offered", async () => {
    await openMany(60);
    const offered = () => [...screen.getByLabelText<HTMLSelectElement>("Status").options].map((option) => option.textContent);
    fireEvent.focus(screen.getByLabelText("Status")); // then all are read
    await waitFor(() => expect(offered()).toEqual(["Any status", "Stalled (6)", "Reached its ceiling (54)"]));
  });

  test("are filtered as the address says", async () => {
    window.location.hash = `#diagnosis&p.diagnosis.list=${encodeURIComponent("query=run+11&status=stalled")}`;
    await openMany(120);
    await waitFor(() => expect(items().map((item) => item.dataset.run)).toEqual(["run117"]));
    expect(screen.getByRole("searchbox")).toHaveProperty("value", "run 11");
    expect(screen.getByRole("heading", { name: "1 of 120 runs" })).toBeTruthy();
  });

  test("keep the end of a long name", async () => {
    const server = serve("reached");
    server.samples[0].row.run = server.samples[0].diagnosis.run = "experiments/2026-11-27/resnet-lr=0.001";
    await show();
    const name = screen.getByTestId("run-item").querySelector(".name")!;
    expect(name.textContent).toBe("experiments/2026-11-27/resnet-lr=0.001");
    expect(name.lastChild!.textContent).toBe("net-lr=0.001"); // never cut off
  });

  test("are read whole for a filter, and the worst come first", async () => {
    const server = await openMany(60);
    await waitFor(() => expect(screen.getByLabelText("Status").textContent).toContain("Stalled"));
    fireEvent.change(screen.getByLabelText("Status"), { target: { value: "stalled" } });
    await waitFor(() => expect(items().map((item) => item.dataset.run)).toEqual(["run007", "run017", "run027", "run037", "run047", "run057"]));
    expect(new Set(read(server)).size).toBe(60);
    fireEvent.change(screen.getByLabelText("Status"), { target: { value: "" } });
    fireEvent.click(screen.getByLabelText("Worst first"));
    expect(items()[5].dataset.run).toBe("run057");
    expect(items()[6].dataset.run).toBe("run000");
    fireEvent.change(screen.getByLabelText("Cause"), { target: { value: "output_activation" } });
    expect(items().length).toBe(6);
  });

  test("a deep link opens the page that it is on", async () => {
    window.location.hash = "#diagnosis&p.diagnosis.run=run110";
    await openMany(120);
    await waitFor(() => expect(items().some((item) => item.getAttribute("aria-current") === "true")).toBe(true));
    expect(items().find((item) => item.getAttribute("aria-current"))!.dataset.run).toBe("run110");
  });
});

test("an accuracy of validation samples says so: the headline may speak of training", async () => {
  serve("stalled", "learning");
  await show();
  for (const item of screen.getAllByTestId("run-item")) expect(item.querySelector(".age")!.textContent).toMatch(/^val 0\.\d+ · /);
});
