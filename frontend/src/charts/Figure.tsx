import { useLayoutEffect, useRef } from "preact/hooks";

const UNMEASURED_WIDTH = 600; // where there is no layout, as in tests

/** A picture: draws a chart as wide as there is room, and again when that changes. `draw` must keep its identity. */
export function Figure({ label, draw }: { label: string; draw: (width: number) => Element }) {
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = frame.current!;
    let drawn = 0;
    const update = () => {
      const width = element.clientWidth || (drawn ? 0 : UNMEASURED_WIDTH);
      if (width === 0 || width === drawn) return; // zero: the tab or a fold is closed
      drawn = width;
      element.replaceChildren(draw(width));
    };
    update();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => observer.disconnect();
  }, [draw]);
  return <div class="chart" role="img" aria-label={label} ref={frame} />;
}
