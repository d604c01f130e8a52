import { fireEvent, screen, waitFor } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { json } from "../server";
import { open } from "../tab";

describe("a sweep", () => {
  test("shows the settings that separate the good runs from the others, once all rows were read", async () => {
    const server = await open("stalled", "reached", "learning");
    let asked = 0;
    server.override = (url) => {
      if (!url.pathname.endsWith("/sweep")) return undefined;
      asked++;
      return json({ schema: 2, judged: 3, separations: [{ name: "learning_rate", right: 1, counts: [[0.1, 2, 0], [0.5, 0, 1]] }] });
    };
    const sweep = screen.getByTestId<HTMLDetailsElement>("sweep");
    expect(asked).toBe(0);
    sweep.open = true;
    fireEvent(sweep, new Event("toggle"));
    await waitFor(() => expect(sweep.querySelector("table")).not.toBeNull());
    expect(sweep.textContent).toContain("learning_rate alone separates 100 % of them.");
    const rows = [...sweep.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows).toEqual([["0.1", "2", "0"], ["0.5", "0", "1"]]);
  });
});
