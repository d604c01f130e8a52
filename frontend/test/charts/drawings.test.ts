import { describe, expect, test } from "vitest";
import { readDrawings } from "../../src/charts/drawings";
import { EvidenceStore } from "../../src/charts/EvidenceStore";
import { sample, sampleNames, serve } from "../server";
import { picture } from "./pieces";

describe("every picture of every sample is drawn", () => {
  const pictures = sampleNames.flatMap((name) =>
    [...sample(name).diagnosis.probable_causes, ...sample(name).diagnosis.notes].map((finding) => [name, finding.title, finding] as const),
  );

  test.each(pictures)("%s: %s", async (name, _title, finding) => {
    serve(name);
    const shown = await readDrawings(finding.pictures!, new EvidenceStore(sample(name).row));
    expect(shown.values.length + shown.drawings.length + shown.without.length).toBeGreaterThanOrEqual(Math.min(1, finding.pictures!.length));
    for (const drawing of shown.drawings) {
      expect(drawing.label.length).toBeGreaterThan(20);
      for (const width of [900, 280]) {
        const html = drawing.draw(width).outerHTML;
        expect(html).toContain("<svg");
        expect(html).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  test("the limit, the first bad epoch and the layers in question are named", async () => {
    serve("stalled");
    const [finding] = sample("stalled").diagnosis.probable_causes;
    const { drawings, values, without } = await readDrawings(finding.pictures!, new EvidenceStore({ run: "threshold" }));
    const gradient = drawings.find((drawing) => drawing.name === "gradient_norm")!;
    const texts = [...gradient.draw(600).querySelectorAll("text")].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(["healthy limit 1e−4", "since epoch 1", "dense", "dense_1", "0"]));
    expect(gradient.label).toContain("healthy limit: 1e−4");
    expect(values.map(({ value }) => value)).toEqual(["relu", "5 samples"]);
    expect(without).toEqual(["model_layers"]);
  });

  test("a histogram of several outputs is drawn as one", async () => {
    const server = serve("stalled");
    Object.assign(server.samples[0].evidence.series.prediction_histogram, { axes: ["epoch", "output", "bin"], shape: [11, 3, 10] });
    const { drawings } = await readDrawings([picture("prediction_histogram")], new EvidenceStore({ run: "threshold" }));
    expect(drawings[0].note).toContain("All 3 outputs together.");
    expect(drawings[0].draw(600).querySelectorAll("rect").length).toBeGreaterThan(10);
  });

  test("infinity is written where it was measured", async () => {
    serve("diverged");
    const [finding] = sample("diverged").diagnosis.probable_causes;
    const { drawings } = await readDrawings(finding.pictures!, new EvidenceStore({ run: "diverged" }));
    expect(drawings.find(({ name }) => name === "loss")!.draw(600).textContent).toContain("∞");
  });

  test("each part is asked for once", async () => {
    const server = serve("stalled");
    const [finding] = sample("stalled").diagnosis.probable_causes;
    const store = new EvidenceStore({ run: "threshold" });
    await Promise.all([readDrawings(finding.pictures!, store), readDrawings(finding.pictures!, store)]);
    expect(new Set(server.asked).size).toBe(server.asked.length);
  });
});
