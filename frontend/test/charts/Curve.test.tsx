import { fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { beforeEach, describe, expect, test } from "vitest";
import { Curve } from "../../src/charts/Curve";
import { smoothed } from "../../src/charts/smoothing";
import type { Curve as CurveData } from "../../src/server/answers";
import { sample } from "../server";

const curve = (more: Partial<CurveData> = {}): CurveData => ({ ...sample("stalled").diagnosis.curve!, ...more });
const draw = (data = curve(), other: Parameters<typeof Curve>[0]["other"] = null) =>
  render(<Curve curve={data} status="stalled" unit="epoch" run="run" other={other} />);
const texts = () => [...screen.getByTestId("curve").querySelectorAll("svg text")].map((text) => text.textContent);
const cross = () => screen.getByRole("slider", { name: /values at each epoch/ });
const key = (name: string) => fireEvent.keyDown(cross(), { key: name });

beforeEach(() => localStorage.clear());

describe("the curve", () => {
  test("is read by key, all values at an epoch at once", async () => {
    const other = { name: "better", curve: curve({ values: curve().epochs.map((epoch) => epoch / 20), validation: null, epochs: curve().epochs }), colours: ["#ee3377", "#0077bb"] };
    draw(curve({ validation: null }), other);
    fireEvent.focus(cross());
    key("Home");
    const first = curve().epochs[0];
    await waitFor(() => expect(cross().getAttribute("aria-valuetext")).toBe(`epoch ${first}, this run ${curve().values[0]}, better ${first / 20}`));
    key("ArrowRight");
    await waitFor(() => expect(cross().getAttribute("aria-valuenow")).toBe(`${first + 1}`));
    const strokes = [...screen.getByTestId("curve").querySelectorAll('svg [aria-label="line"]')].map((line) => line.getAttribute("stroke"));
    expect(strokes).toEqual(["#ee3377", "#0077bb"]); // TensorBoard's
  });

  test("shows fewer epochs by key, and all of them again by button", async () => {
    draw();
    const all = cross().getAttribute("aria-valuemin");
    key("End");
    await waitFor(() => expect(cross().getAttribute("aria-valuenow")).toBe("10"));
    key("+");
    await waitFor(() => expect(cross().getAttribute("aria-valuemin")).toBe("6"));
    fireEvent.click(screen.getByRole("button", { name: "All epochs" }));
    await waitFor(() => expect(cross().getAttribute("aria-valuemin")).toBe(all));
  });

  test("has its axis as the reader wants it, and the browser remembers that", async () => {
    const { unmount } = draw(curve({ levels: [] }));
    const ticks = () => texts().filter((text) => /^[\d.]+$/.test(text));
    expect(ticks()).not.toContain("0");
    fireEvent.change(screen.getByLabelText("Axis"), { target: { value: "whole" } });
    await waitFor(() => expect(ticks()).toEqual(expect.arrayContaining(["0", "1"])));
    unmount();
    draw(curve({ levels: [] }));
    expect(screen.getByLabelText<HTMLSelectElement>("Axis").value).toBe("whole");
  });

  test("is smoothed with what was measured behind it", async () => {
    draw(curve({ validation: null }));
    fireEvent.input(screen.getByLabelText(/Smoothing/), { target: { value: "0.6" } });
    await waitFor(() => expect(screen.getByTestId("curve").querySelectorAll('svg [aria-label="line"]').length).toBe(2));
    expect(cross().getAttribute("aria-valuetext")).toContain("smoothed");
  });

  test("names a level that is beyond its frame at its edge", () => {
    render(<Curve curve={curve({ values: curve().epochs.map((e) => 0.95 + e / 1000), validation: null, levels: [{ name: "majority share", value: 0.1 }] })} status="learning" unit="epoch" run="run" />);
    expect(texts()).toContain("majority share 0.1 ↓");
  });

  test("marks a stall along its axis and not over the whole frame", () => {
    draw();
    const chart = screen.getByTestId("curve");
    expect(chart.querySelectorAll("svg rect").length).toBe(0);
    expect(chart.querySelector('svg [stroke="var(--shade)"]')).toBeTruthy();
  });

  test("of a run that diverged says where it went", () => {
    const not_finite = [8, 9].map((epoch) => ({ epoch, of: "loss", value: "Infinity" as const }));
    draw(curve({ not_finite: [...not_finite, { epoch: 10, of: "loss", value: "NaN" as const }] }));
    expect(texts()).toEqual(expect.arrayContaining(["loss: ∞", "loss: nan"]));
    expect(screen.getByRole("img").getAttribute("aria-label")).toContain("loss: ∞ since epoch 8.");
  });
});

test("smoothing begins at the first value, keeps what was not measured, and ends near the level", () => {
  const found = smoothed([1, NaN, 1, 0, 0, 0], 0.5);
  expect(found[0]).toBe(1);
  expect(found[1]).toBeNaN();
  expect(found[2]).toBe(1);
  expect(found[5]).toBeCloseTo(0.09375 / 0.96875, 6); // the weighted mean of five values
});
