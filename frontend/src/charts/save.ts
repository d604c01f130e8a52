import type { Standalone } from "./standalone";

const SHARP = 2; // pixels of the PNG per pixel of the picture
const LONGEST = 80;

/** "mnist/lr=0.1", "gradient_norm" -> "mnist_lr_0.1-gradient_norm.csv": a name that every file system takes. */
export function fileName(run: string, picture: string, ending: string): string {
  const safe = (text: string) =>
    text
      .normalize("NFKC")
      .replace(/[^\p{L}\p{N}._-]+/gu, "_")
      .replace(/^[._-]+|[._-]+$/g, "")
      .slice(-LONGEST);
  return `${[safe(run), safe(picture)].filter(Boolean).join("-") || "picture"}.${ending}`;
}

/** Puts a file among the downloads. Nothing leaves the browser. */
export function download(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link); // Firefox follows only links that are in the page
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // by then the browser has it
}

export const svgBlob = ({ text }: Standalone) => new Blob([text], { type: "image/svg+xml;charset=utf-8" });

export async function pngBlob(picture: Standalone): Promise<Blob> {
  const address = URL.createObjectURL(svgBlob(picture));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.width * SHARP;
    canvas.height = picture.height * SHARP;
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (!blob) throw new Error("The browser makes no PNG of this size.");
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}
