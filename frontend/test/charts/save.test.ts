import { fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { h } from "preact";
import { afterEach, describe, expect, test, vi } from "vitest";
import { readDrawings } from "../../src/charts/drawings";
import { EvidenceStore } from "../../src/charts/EvidenceStore";
import { Figure } from "../../src/charts/Figure";
import { fileName } from "../../src/charts/save";
import { standalone } from "../../src/charts/standalone";
import { csv } from "../../src/charts/table";
import { sample, sampleNames, serve } from "../server";

const css = readFileSync(join(import.meta.dirname, "../../src/common/base.css"), "utf8");
const variables = (selector: string) => {
  const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0];
  return new Map([...block.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => [name, value] as const));
};
const light = variables(":root");
const dark = variables(":root.dark");

async function drawingsOf(name: string, cause = 0) {
  serve(name);
  const finding = [...sample(name).diagnosis.probable_causes, ...sample(name).diagnosis.notes][cause];
  return (await readDrawings(finding.pictures!, new EvidenceStore(sample(name).row))).drawings;
}

describe("numbers as CSV", () => {
  test("a row a point, quoted only where it must be", () => {
    const table = { columns: ["epoch", "layer", "seconds (s)"], rows: [[0, 'a,"b"', 0.5], [1, "c\nd", NaN], [2, "e", Infinity]] };
    expect(csv(table)).toBe('epoch,layer,seconds (s)\r\n0,"a,""b""",0.5\r\n1,"c\nd",\r\n2,e,Infinity\r\n');
  });

  test("a float32 is written as short as it can be read back", () => {
    const [first, ...rest] = csv({ columns: ["x"], rows: [0.1, 1e-7, -3.4e38, 16777215, 1 / 3, 0].map((x) => [Math.fround(x)]) }).split("\r\n");
    expect(first).toBe("x");
    expect(rest.slice(0, 4)).toEqual(["0.1", "1e-7", "-3.4e+38", "16777215"]);
    expect(Math.fround(Number(rest[4]))).toBe(Math.fround(1 / 3));
    expect(csv({ columns: ["x"], rows: [[0.123456789012]] })).toContain("0.123456789012");
  });

  test.each(["=1+1", "+a", "-a", "@sum", "\ta"])("a layer named %j is no formula", (name) => {
    expect(csv({ columns: ["layer"], rows: [[name]] })).toContain(`'${name}`);
  });

  test("a negative number stays one", () => expect(csv({ columns: ["x"], rows: [[-5]] })).toBe("x\r\n-5\r\n"));

  test("every picture has the numbers that it draws", async () => {
    const [gradient, histogram, share, counts] = await drawingsOf("stalled");
    expect(gradient.table().columns).toEqual(["epoch", "layer", "gradient_norm", "healthy limit"]);
    expect(gradient.table().rows).toHaveLength(22);
    expect(gradient.table().rows[0].slice(0, 2)).toEqual([0, "dense"]);
    expect(histogram.table().columns).toEqual(["of", "epoch", "from", "to", "samples"]);
    expect(histogram.table().rows).toHaveLength(11 * 30 + 2);
    expect(share.table().columns).toEqual(["epoch", "class", "predicted_fraction (fraction)", "share among the labels"]);
    expect(share.table().rows[0]).toEqual([0, "0", expect.any(Number), 0.4979]);
    expect(counts.table()).toEqual({ columns: ["class", "label_counts (samples)"], rows: [["class 0", 4979], ["class 1", 5021]] });
  });

  test("of many classes, the grey ones have their names too", async () => {
    const share = (await drawingsOf("deep")).find(({ name }) => name === "predicted_fraction")!;
    expect(new Set(share.table().rows.map((row) => row[1])).size).toBe(10);
  });
});

describe("names of files", () => {
  test.each([
    ["fixed/lr=0.1", "gradient_norm", "fixed_lr_0.1-gradient_norm.csv"],
    ["", "accuracy", "accuracy.csv"],
    ["../..", "loss", "loss.csv"],
    ["Größe 学習", "loss", "Größe_学習-loss.csv"],
    ['<img src=x onerror="a">', "..\\CON:", "img_src_x_onerror_a-CON.csv"],
    ["", "///", "picture.csv"],
  ])("%j, %j: %s", (run, name, expected) => expect(fileName(run, name, "csv")).toBe(expected));

  test("are not endless", () => expect(fileName("a".repeat(500), "b".repeat(500), "svg").length).toBeLessThan(200));
});

describe("a picture as a file of its own", () => {
  afterEach(() => document.documentElement.removeAttribute("style"));

  const put = (drawn: Element) => {
    for (const [name, value] of light) document.documentElement.style.setProperty(name, value);
    const chart = document.createElement("div");
    chart.append(drawn);
    document.body.append(chart);
    return chart;
  };

  test.each(sampleNames)("%s: it needs no page around it", async (name) => {
    const findings = [...sample(name).diagnosis.probable_causes, ...sample(name).diagnosis.notes];
    for (let cause = 0; cause < findings.length; cause++) {
      for (const drawing of await drawingsOf(name, cause)) {
        const chart = put(drawing.draw(600));
        const { text, width, height } = standalone(chart, drawing.title, name);
        const { documentElement: root } = new DOMParser().parseFromString(text, "image/svg+xml");
        expect(root.tagName).toBe("svg");
        expect(root.querySelectorAll("script, style, foreignObject, [aria-label=tip]")).toHaveLength(0);
        expect(root.textContent).toContain(drawing.title.slice(0, 5));
        expect(root.querySelector("rect")!.getAttribute("fill")).toBe(light.get("--page"));
        for (const each of [root, ...root.querySelectorAll("*")]) {
          for (const attribute of each.attributes) if (attribute.name !== "aria-label") expect(attribute.value).not.toMatch(/var\(|currentcolor/i);
        }
        expect(width).toBeGreaterThanOrEqual(600);
        expect(height).toBeGreaterThan(80);
        chart.remove();
      }
    }
  });

  test("legend and map are one picture, the hatching comes with them", async () => {
    const map = (await drawingsOf("deep")).find(({ name }) => name === "gradient_norm")!;
    const chart = put(map.draw(900));
    const root = new DOMParser().parseFromString(standalone(chart, map.title, "deep").text, "image/svg+xml").documentElement;
    expect(root.querySelectorAll(":scope > svg")).toHaveLength(2);
    const used = [...root.querySelectorAll("[fill^='url']")].map((each) => /#([\w-]+)/.exec(each.getAttribute("fill")!)![1]);
    expect(used.length).toBeGreaterThan(1);
    for (const id of used) expect(root.querySelector(`pattern[id="${id}"]`)).not.toBeNull();
    expect(root.textContent).toContain("deep");
    chart.remove();
  });

  test("what no XML may hold is left out", () => {
    const chart = put(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    const { text } = standalone(chart, "a\u0000b\u001f", "<c>");
    // oxlint-disable-next-line no-control-regex -- it is about control characters
    expect(text).not.toMatch(/[\u0000\u001f]/);
    expect(new DOMParser().parseFromString(text, "image/svg+xml").documentElement.textContent).toContain("ab");
    chart.remove();
  });
});

describe("the buttons", () => {
  afterEach(() => vi.restoreAllMocks());

  test("say what they save, and save it under a name of its own", async () => {
    const saved: { name: string; content: Blob }[] = [];
    let content: Blob;
    Object.assign(URL, { createObjectURL: (blob: Blob) => ((content = blob), "blob:x"), revokeObjectURL: () => undefined });
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
      saved.push({ name: this.download, content });
    });
    const [gradient] = await drawingsOf("stalled");
    render(h(Figure, { ...gradient, run: "threshold/a b" }));
    expect(screen.getByRole("group", { name: "Save Gradient norm" }).querySelectorAll("button")).toHaveLength(3);
    for (const format of ["SVG", "CSV"]) fireEvent.click(screen.getByRole("button", { name: `Save Gradient norm as ${format}` }));
    await waitFor(() => expect(saved).toHaveLength(2));
    expect(saved.map(({ name }) => name)).toEqual(["threshold_a_b-gradient_norm.svg", "threshold_a_b-gradient_norm.csv"]);
    expect(saved.map((file) => file.content.type)).toEqual(["image/svg+xml;charset=utf-8", "text/csv;charset=utf-8"]);
    expect(document.querySelector("a[download]")).toBeNull();
  });

  test("say so when it did not work", async () => {
    const [gradient] = await drawingsOf("stalled");
    const table = () => {
      throw new Error("no room");
    };
    render(h(Figure, { ...gradient, table, run: "t" }));
    fireEvent.click(screen.getByRole("button", { name: "Save Gradient norm as CSV" }));
    await waitFor(() => expect(screen.getByRole("status").textContent).toBe("Not saved: no room"));
  });
});

describe("colours", () => {
  test.each([["light", light], ["dark", new Map([...light, ...dark])]] as const)("%s: text can be read", (_, theme) => {
    const text = ["--text", "--quiet", "--bad", "--link", ...[1, 2, 3, 4, 5, 6, 7].map((i) => `--t${i}`)];
    for (const name of text) expect(contrast(theme.get(name)!, theme.get("--page")!), name).toBeGreaterThanOrEqual(4.5);
  });

  test("those of pictures are plain, for programs that know no CSS functions", () => {
    for (const [name, value] of [...light, ...dark]) if (/^--(c|t)\d|^--(page|text|quiet|bad|shade|level|muted-line)$/.test(name)) expect(value).toMatch(/^#[0-9a-f]+$/);
  });
});

function contrast(first: string, second: string): number {
  const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.replace(/[^#]/g, "$&$&") : colour;
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
