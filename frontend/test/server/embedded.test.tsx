import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, describe, expect, test, vi } from "vitest";
import { App } from "../../src/App";
import { sample } from "../server";

describe("an exported file", () => {
  const base64 = (values: unknown[]) => Buffer.from(Float32Array.from(values.flat(), Number).buffer).toString("base64");
  const embed = (...names: string[]) => {
    const runs = names.map(sample).map((answers) => ({
      ...answers,
      series: Object.fromEntries(Object.entries(answers.series).map(([name, values]) => [name, base64(values)])),
    }));
    const element = document.createElement("script");
    element.type = "application/json";
    element.id = "tb-diagnose";
    element.textContent = JSON.stringify({ schema: 2, message: "No run was found.", runs });
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
    fireEvent.click(screen.getAllByTestId("run-item")[1]);
    await waitFor(() => expect(screen.getByTestId("headline").textContent).toContain("Accuracy is rising"));
  });

  test("without runs says why", async () => {
    embed();
    expect((await screen.findByTestId("message")).textContent).toBe("No run was found.");
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
