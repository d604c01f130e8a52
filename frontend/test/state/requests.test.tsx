import { fireEvent, screen, waitFor } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { json, refusal, sample, serve, type Server } from "../server";
import { comeBack, show } from "../tab";

const LONG_MS = 300; // in which a loop of requests would ask many times

/** A list of so many runs whose rows the server does not give. */
async function withoutRows(count: number): Promise<Server> {
  const server = serve("reached");
  const runs = Array.from({ length: count }, (_, i) => {
    const { row } = sample("reached");
    return { ...row, run: `run${i}`, status: null, cause: null, updated: 1000 - i };
  });
  server.override = (url) => {
    const route = url.pathname.split("/").pop();
    if (route === "runs") return json({ schema: 2, logdir: "/logs", message: null, runs });
    if (route === "rows") return refusal(500, "The rows are broken.");
    if (route === "diagnosis") return json({ ...sample("reached").diagnosis, run: url.searchParams.get("run") });
    return undefined;
  };
  await show();
  return server;
}

const rowRequests = (server: Server) => server.asked.filter((address) => address.startsWith("api/rows")).length;
const pass = () => new Promise((done) => setTimeout(done, LONG_MS));

describe("rows that cannot be read", () => {
  test("are asked for once, and once more at each reload", async () => {
    const server = await withoutRows(3);
    await pass();
    expect(rowRequests(server)).toBe(1);
    expect(screen.getByRole("navigation").textContent).toContain("Not all could be read: The rows are broken.");
    comeBack();
    await waitFor(() => expect(rowRequests(server)).toBe(2));
    await pass();
    expect(rowRequests(server)).toBe(2);
  });

  test("are asked for again when other names are looked at", async () => {
    const server = await withoutRows(60);
    await pass();
    expect(rowRequests(server)).toBe(1);
    fireEvent.click(screen.getByText("Next"));
    await waitFor(() => expect(rowRequests(server)).toBe(2));
    await pass();
    expect(rowRequests(server)).toBe(2);
  });

  test("stay away however often the list is drawn anew", async () => {
    const server = await withoutRows(3);
    await pass();
    for (const item of screen.getAllByTestId("run-item")) fireEvent.click(item);
    await pass();
    expect(rowRequests(server)).toBe(1);
  });
});
