import { render, screen } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { App } from "../../src/App";
import { json, refusal, serve } from "../server";

describe("what the server says instead of data", () => {
  test("no runs: why, and the lines to add", async () => {
    serve().message = "No run was found in `/logs`.";
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toBe("No run was found in /logs.");
    expect(screen.getByText(/tb_diagnose.KerasCallback/)).toBeTruthy();
  });

  test("what the server refuses is shown in its words", async () => {
    const server = serve("stalled");
    server.override = (url) => (url.pathname.endsWith("/diagnosis") ? refusal(400, "The model's JSON is broken.") : undefined);
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toBe("The model's JSON is broken.");
    expect(screen.getByTestId("run-list")).toBeTruthy();
  });

  test("an error page is not shown as it is", async () => {
    serve("stalled").override = () => new Response("<html>boom", { status: 500, headers: { "content-type": "text/html" } });
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toContain("error 500");
  });

  test("a newer server asks for a reload of the page", async () => {
    serve("stalled").override = () => json({ schema: 3, runs: "other" });
    render(<App />);
    expect((await screen.findByTestId("message")).textContent).toContain("Reload this browser page");
  });
});
