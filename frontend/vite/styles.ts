import type { Plugin } from "vite";

/** Puts the style sheets of all components into the script: TensorBoard loads one file of a plugin, and no CSS. */
export function stylesInScript(): Plugin {
  return {
    name: "styles-in-script",
    apply: "build",
    enforce: "post", // after Vite has gathered them
    generateBundle(_options, bundle) {
      let css = "";
      for (const [fileName, file] of Object.entries(bundle)) {
        if (file.type !== "asset" || !fileName.endsWith(".css")) continue;
        css += file.source;
        delete bundle[fileName];
      }
      for (const file of Object.values(bundle)) {
        if (file.type === "chunk" && file.isEntry) file.code = `${adding(css)}\n${file.code}`;
      }
    },
  };
}

const adding = (css: string) =>
  `{const style=document.createElement("style");style.textContent=${JSON.stringify(css.trim())};document.head.append(style)}`;
