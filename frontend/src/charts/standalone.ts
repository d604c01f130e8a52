import { LETTER, shortened } from "../common/format";
import { svgElement } from "./svg";

const TITLE = 30; // px above the picture
const MARGIN = 12; // px around it
const FONT = 'Roboto, "Segoe UI", "Helvetica Neue", Arial, sans-serif';
const COLOURS = ["fill", "stroke", "color", "style"];
// oxlint-disable-next-line no-control-regex -- it is about control characters
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g; // a layer name may hold them, a file may not

export interface Standalone {
  text: string;
  width: number;
  height: number;
}

/** Legend and chart as one SVG that needs no page around it, with the colours and fonts that are on the screen. */
export function standalone(chart: Element, title: string, run: string): Standalone {
  const parts = [...chart.querySelectorAll("svg")].filter((svg) => !svg.parentElement?.closest("svg"));
  if (parts.length === 0) throw new Error("there is no picture yet.");
  const [sibling] = parts;
  const sizes = parts.map((svg) => ({ width: Number(svg.getAttribute("width")), height: Number(svg.getAttribute("height")) }));
  const width = Math.max(0, ...sizes.map((size) => size.width)) + 2 * MARGIN;
  const height = sizes.reduce((sum, size) => sum + size.height, 0) + TITLE + 2 * MARGIN;

  const root = svgElement(sibling, "svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", fill: "var(--text)", color: "var(--text)" });
  root.setAttribute("font-family", FONT);
  root.setAttribute("font-size", "12");
  root.append(svgElement(sibling, "rect", { width, height, fill: "var(--page)" }), heading(sibling, title, run, width));
  let y = MARGIN + TITLE;
  parts.forEach((svg, i) => {
    root.append(placed(svg, y));
    y += sizes[i].height;
  });

  const page = getComputedStyle(chart);
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const name of COLOURS) {
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, resolved(value, page));
    }
  }
  return { text: new XMLSerializer().serializeToString(root).replace(NOT_XML, ""), width, height };
}

function heading(sibling: Element, title: string, run: string, width: number): Element {
  const letters = Math.floor((width - 2 * MARGIN) / LETTER);
  const name = shortened(title, letters);
  const text = svgElement(sibling, "text", { x: MARGIN, y: MARGIN + 12, "font-size": 14 });
  text.append(tspan(sibling, name, { "font-weight": 600 }));
  const left = letters - Math.ceil(name.length * 1.3);
  if (run && left > 12) text.append(tspan(sibling, shortened(run, left), { dx: 10, fill: "var(--quiet)", "font-size": 12 }));
  return text;
}

function tspan(sibling: Element, content: string, attributes: Record<string, string | number>): Element {
  const span = svgElement(sibling, "tspan", attributes);
  span.textContent = content;
  return span;
}

function placed(svg: Element, y: number): Element {
  const copy = svg.cloneNode(true) as Element;
  for (const left of copy.querySelectorAll('style, [aria-label="tip"]')) left.remove(); // Plot's own styles, and its tip
  for (const name of ["class", "font-family", "font-size"]) copy.removeAttribute(name);
  const place = { x: MARGIN, y, overflow: "visible" };
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, String(value));
  return copy;
}

/** Other programs know neither CSS variables nor what the page's text colour is. */
function resolved(value: string, page: CSSStyleDeclaration): string {
  for (let depth = 0; depth < 4 && value.includes("var("); depth++) {
    value = value.replace(/var\((--[\w-]+)\)/g, (_, name) => page.getPropertyValue(name).trim() || "currentColor");
  }
  return value.replace(/currentcolor/gi, page.getPropertyValue("--text").trim() || "#212121");
}
