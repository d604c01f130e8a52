import { fireEvent, render, screen } from "@testing-library/preact";
import { vi } from "vitest";
import { App } from "../src/App";
import { serve, type Server } from "./server";

/** The tab with the reports of these samples, when the first one is there. */
export async function open(...names: string[]): Promise<Server> {
  const server = serve(...names);
  await show();
  return server;
}

/** The tab on a server that is there already. */
export async function show(): Promise<void> {
  render(<App />);
  await screen.findByTestId("headline");
}

/** What TensorBoard's page does when the tab comes back to the front. */
export function comeBack(): void {
  vi.stubGlobal("innerHeight", 0);
  fireEvent(window, new Event("resize"));
  vi.stubGlobal("innerHeight", 700);
  fireEvent(window, new Event("resize"));
}
