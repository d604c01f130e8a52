import { fireEvent, screen, waitFor } from "@testing-library/preact";
import { describe, expect, test, vi } from "vitest";
import { refusal } from "../server";
import { open } from "../tab";

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
    expect(server.asked).toContain("api/export?run=threshold&form=markdown");
    expect(screen.getByText("Copied").getAttribute("aria-live")).toBe("polite");
  });

  test("is copied into an issue about a wrong cause", async () => {
    await serveExport();
    const copied: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
    press("This was not it");
    await screen.findByRole("button", { name: "Copied" });
    const [issue] = copied;
    expect(issue).toMatch(/^# Wrong cause: Output activation/);
    expect(issue).toContain("What it really was");
    expect(issue.endsWith(markdown)).toBe(true);
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
    server.override = () => refusal(404, "There is no run.");
    press("Save as HTML");
    await screen.findByText("There is no run.");
  });
});
