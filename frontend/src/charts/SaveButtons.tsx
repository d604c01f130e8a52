import { useState } from "preact/hooks";
import { messageOf } from "../common/format";
import { download, fileName, pngBlob, svgBlob } from "./save";
import { standalone } from "./standalone";
import { csv, type Table } from "./table";
import "./SaveButtons.css";

interface Props {
  title: string;
  run: string;
  name: string; // of the series
  table: () => Table;
  chart: () => Element;
}

const FORMATS = ["SVG", "PNG", "CSV"] as const;
type Format = (typeof FORMATS)[number];

/** Saves a picture or its numbers. Visible while the pointer or the focus is on the picture. */
export function SaveButtons({ title, run, name, table, chart }: Props) {
  const [trouble, setTrouble] = useState<string | null>(null);
  const contentOf = (format: Format): Blob | Promise<Blob> => {
    if (format === "CSV") return new Blob([csv(table())], { type: "text/csv;charset=utf-8" });
    const picture = standalone(chart(), title, run);
    return format === "SVG" ? svgBlob(picture) : pngBlob(picture);
  };
  const save = async (format: Format) => {
    setTrouble(null);
    try {
      download(await contentOf(format), fileName(run, name, format.toLowerCase()));
    } catch (error) {
      setTrouble(`Not saved: ${messageOf(error)}`);
    }
  };
  return (
    <div class="save" role="group" aria-label={`Save ${title}`}>
      <span role="status">{trouble}</span>
      {FORMATS.map((format) => (
        <button key={format} type="button" class="plain" aria-label={`Save ${title} as ${format}`} title={`Save as ${format}`} onClick={() => save(format)}>
          {format}
        </button>
      ))}
    </div>
  );
}
