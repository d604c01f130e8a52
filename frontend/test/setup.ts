import { cleanup } from "@testing-library/preact";
import { afterAll, afterEach, vi } from "vitest";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

// Preact runs effects up to 35 ms after the last drawing, and needs the page for it.
afterAll(() => new Promise((done) => setTimeout(done, 60)));
