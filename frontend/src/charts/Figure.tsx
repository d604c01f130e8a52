import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { SaveButtons } from "./SaveButtons";
import type { Table } from "./table";
import "./Figure.css";

const UNMEASURED_WIDTH = 600; // where there is no layout, as in tests

interface Props {
  title: string;
  label: string; // the picture in words
  draw: (width: number) => Element; // must keep its identity
  drawn?: (chart: Element) => void; // must keep its identity, too
  table: () => Table; // the numbers that it draws
  run: string;
  name: string; // of the series; files are named after the run and the series
  children?: ComponentChildren; // what lies on the picture
}

/** A chart as wide as its place, drawn again when that changes, with buttons to save it. */
export function Figure({ title, label, draw, drawn, table, run, name, children }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = frame.current!;
    let last = 0;
    const update = () => {
      const width = element.clientWidth || (last ? 0 : UNMEASURED_WIDTH);
      if (width === 0 || width === last) return; // zero: the tab or a fold is closed
      last = width;
      const chart = draw(width);
      element.replaceChildren(chart);
      drawn?.(chart);
    };
    update();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => observer.disconnect();
  }, [draw, drawn]);
  return (
    <>
      <div class="stage">
        <div class="chart" role="img" aria-label={label}>
          <div aria-hidden="true" ref={frame} />
        </div>
        {children}
      </div>
      <SaveButtons title={title} run={run} name={name} table={table} chart={() => frame.current!} />
    </>
  );
}
