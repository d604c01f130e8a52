import { fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { describe, expect, test, vi } from "vitest";
import { App } from "../../src/App";
import { serve } from "../server";
import { comeBack, open } from "../tab";

describe("following the server", () => {
  test("a new epoch appears in place: same folds, same element", async () => {
    const server = await open("stalled");
    const fine = screen.getByTestId<HTMLDetailsElement>("fine");
    fine.open = true;
    server.samples[0].diagnosis.headline = "Accuracy moves again.";
    comeBack();
    await screen.findByText("Accuracy moves again.");
    expect(screen.getByTestId("fine")).toBe(fine);
    expect(fine.open).toBe(true);
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
    const item = screen.getAllByTestId("run-item").find(({ dataset }) => dataset.run === learning.row.run)!;
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
    await waitFor(() => expect(server.asked).toEqual(["api/runs", "api/diagnosis?run=threshold"]));
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
      if (address.includes("diagnosis?run=short")) await slow;
      return fetch(address);
    });
    const [learning, , short] = screen.getAllByTestId("run-item");
    fireEvent.click(short);
    fireEvent.click(learning);
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toContain("Accuracy is rising"));
    release();
    await new Promise((done) => setTimeout(done, 20));
    expect(screen.getByTestId("headline").textContent).toContain("Accuracy is rising");
    expect(server.up).toBe(true);
  });
});
