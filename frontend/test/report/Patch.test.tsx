import { fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { expect, test, vi } from "vitest";
import { Patch, withoutAlike } from "../../src/report/Patch";
import type { CodeLine } from "../../src/server/answers";

const dense = (i: number): CodeLine => ({ where: `dense_${i}`, old: `Dense(${64 + i}, activation="sigmoid")`, new: `Dense(${64 + i}, activation="relu")`, inferred: false, place: null });
const optimizer: CodeLine = { where: "compile", old: null, new: "optimizer=keras.optimizers.Adam(0.001)", inferred: false, place: null };

test("of many lines that change alike the first are shown, and Copy takes all", async () => {
  const lines = [...Array.from({ length: 20 }, (_, i) => dense(i)), optimizer];
  const written = vi.fn().mockResolvedValue(undefined);
  vi.stubGlobal("navigator", { clipboard: { writeText: written } });
  render(<Patch lines={lines} testId="patch" />);
  const patch = screen.getByTestId("patch");
  expect(patch.querySelectorAll(".new").length).toBe(4);
  fireEvent.click(screen.getByRole("button", { name: "Copy" }));
  await waitFor(() => expect(written).toHaveBeenCalledWith(lines.map((line) => line.new).join("\n")));
  fireEvent.click(screen.getByRole("button", { name: "and 17 more alike" }));
  await waitFor(() => expect(patch.querySelectorAll(".new").length).toBe(21));
});

test("three alike, and lines that differ in a word, are all shown", () => {
  const three = [dense(1), dense(2), dense(3)];
  expect(withoutAlike(three).map(({ hidden }) => hidden)).toEqual([0, 0, 0]);
  const tanh = { ...dense(4), new: 'Dense(68, activation="tanh")' };
  expect(withoutAlike([...three, tanh]).length).toBe(4);
});
