import { render, screen, waitFor } from "@testing-library/preact";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Prose } from "../../src/common/Prose";
import { open } from "../tab";

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
    const folder = join(import.meta.dirname, "../../src");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) {
      expect(readFileSync(join(folder, file), "utf8"), file).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?:\/\//);
    }
  });
});
