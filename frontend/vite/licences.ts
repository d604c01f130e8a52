import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

/** Writes the licence of every package that went into the bundle, sorted, so that two builds agree. */
export function licences(fileName: string): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle(_options, bundle) {
      const packages = new Map<string, string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const [id, { renderedLength }] of Object.entries(chunk.modules)) {
          const folder = renderedLength > 0 && packageFolder(id);
          for (const each of folder ? [folder, ...dependencyFolders(folder)] : []) packages.set(...licenceOf(each));
        }
      }
      const texts = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => `${name}\n\n${text}\n`);
      const source = `index.js contains code of these packages, or of packages built into them.\n\n${texts.join(`\n${"-".repeat(78)}\n\n`)}`;
      this.emitFile({ type: "asset", fileName, source });
    },
  };
}

function packageFolder(id: string): string | null {
  if (!id.includes("/node_modules/")) return null;
  // Nested package.json files that only say {"type": "module"} are not packages.
  for (let folder = dirname(id); folder.includes("/node_modules/"); folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).version) return folder;
  }
  return null;
}

// A package's built file may carry its dependencies inside, where no bundler sees them: d3-array carries internmap.
function dependencyFolders(folder: string): string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const root = folder.slice(0, folder.indexOf("/node_modules/") + "/node_modules/".length);
  return Object.keys(dependencies).map((name) => [join(folder, "node_modules", name), join(root, name)].find(existsSync)!);
}

function licenceOf(folder: string): [string, string] {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).sort().find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file; find its licence before bundling it`);
  return [`${name} ${version} (${license})`, readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim()];
}
