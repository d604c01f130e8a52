import { LETTER, shortened } from "../common/format";
import { svgElement } from "./svg";

const TITLE = 30; // px over the picture
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

/** What is on the screen as one SVG that needs no page around it: legend and chart, colours and fonts as they are now. */
export function standalone(chart: Element, title: string, run: string): Standalone {
  const parts = [...chart.querySelectorAll("svg")].filter((svg) => !svg.parentElement?.closest("svg"));
  if (parts.length === 0) throw new Error("there is no picture yet.");
  const [like] = parts;
  const sizes = parts.map((svg) => ({ width: Number(svg.getAttribute("width")), height: Number(svg.getAttribute("height")) }));
  const width = Math.max(0, ...sizes.map((size) => size.width)) + 2 * MARGIN;
  const height = sizes.reduce((sum, size) => sum + size.height, 0) + TITLE + 2 * MARGIN;

  const root = svgElement(like, "svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", fill: "var(--text)", color: "var(--text)" });
  root.setAttribute("font-family", FONT);
  root.setAttribute("font-size", "12");
  root.append(svgElement(like, "rect", { width, height, fill: "var(--page)" }), heading(like, title, run, width));
  let y = MARGIN + TITLE;
  parts.forEach((svg, i) => {
    root.append(placed(svg, y));
    y += sizes[i].height;
  });

  const page = getComputedStyle(chart);
  for (const each of [root, ...root.querySelectorAll("*")]) {
    for (const name of COLOURS) {
      const value = each.getAttribute(name);
      if (value) each.setAttribute(name, resolved(value, page));
    }
  }
  return { text: new XMLSerializer().serializeToString(root).replace(NOT_XML, ""), width, height };
}

function heading(like: Element, title: string, run: string, width: number): Element {
  const letters = Math.floor((width - 2 * MARGIN) / LETTER);
  const name = shortened(title, letters);
  const text = svgElement(like, "text", { x: MARGIN, y: MARGIN + 12, "font-size": 14 });
  text.append(tspan(like, name, { "font-weight": 600 }));
  const left = letters - Math.ceil(name.length * 1.3);
  if (run && left > 12) text.append(tspan(like, shortened(run, left), { dx: 10, fill: "var(--quiet)", "font-size": 12 }));
  return text;
}

function tspan(like: Element, content: string, attributes: Record<string, string | number>): Element {
  const span = svgElement(like, "tspan", attributes);
  span.textContent = content;
  return span;
}

function placed(svg: Element, y: number): Element {
  const copy = svg.cloneNode(true) as Element;
  for (const left of copy.querySelectorAll('style, [aria-label="tip"]')) left.remove(); // Plot's own; what the pointer is at
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
