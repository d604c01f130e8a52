/**
 * A stand-in for TensorBoard: the plugin page with TensorBoard 2.21's headers, in a host page with its messages, its
 * dark mode and its address, and the reports in test/samples. `npm run build` first. Port: first argument, or 6010.
 *
 * /?only=a,b  shows these samples; /?message=... shows none; the buttons in the page reload, hide, switch the theme.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const SCRIPT = `import("./static/index.js").then((m) => void m.render());`;
const CSP =
  "default-src 'self';font-src 'self' data:;frame-src 'self' https://ui.perfetto.dev;img-src 'self' data: blob:;" +
  "object-src 'none';style-src 'self' https://www.gstatic.com data: 'unsafe-inline';connect-src 'self';" +
  `script-src 'self' 'unsafe-eval' 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`;
const ENTRY =
  `<!DOCTYPE html><head><base href="plugin/diagnosis/" /></head><body><script type="module">${SCRIPT}</script></body>`;
const HOST = `<!DOCTYPE html><meta charset="utf-8"><title>stand-in for TensorBoard</title>
<style>html,body{height:100%;margin:0}body{display:flex;flex-direction:column;font:14px sans-serif}
header{flex:none;background:#f57c00;color:#fff;padding:8px 16px}body.dark-mode{background:#303030}
iframe{flex:1;border:0;width:100%}iframe.hidden{position:absolute;max-height:0;visibility:hidden}</style>
<header>TensorBoard (stand-in) <button id="reload">reload</button> <button id="dark">dark</button> <button id="hide">hide</button></header>
<iframe src="data/plugin_entry.html?name=diagnosis"></iframe><script src="host.js"></script>`;
const HOST_JS = `
const frame = document.querySelector("iframe");
const ports = [];
addEventListener("message", ({ data, ports: [port] }) => {
  if (data !== "experimental.bootstrap") return;
  port.onmessage = ({ data }) => (window.lastReply = JSON.parse(data));
  ports.push(port);
});
reload.onclick = () => ports.forEach((port) => port.postMessage(JSON.stringify({ type: "experimental.DataReloaded", id: 0, payload: null, isReply: false })));
dark.onclick = () => document.body.classList.toggle("dark-mode");
hide.onclick = () => frame.classList.toggle("hidden");
window.tensorboard = { tf_storage: { setString(key, value) {
  const rest = new URLSearchParams(location.hash.slice(1)); rest.set(key, value);
  history.replaceState(null, "", "#" + rest.toString().replace("diagnosis=", "diagnosis"));
} } };`;

const folder = new URL("../test/samples/", import.meta.url);
const samples = () =>
  readdirSync(folder).filter((file) => file.endsWith(".json")).map((file) => ({ file, ...JSON.parse(readFileSync(new URL(file, folder))) }));
const state = { only: null, message: null, delay: 0 };

function answer(url) {
  const query = url.searchParams;
  if (url.pathname === "/") {
    state.only = query.get("only")?.split(",") ?? null;
    state.message = query.get("message");
    state.delay = Number(query.get("delay") ?? 0);
    return [200, "text/html", HOST];
  }
  if (url.pathname === "/favicon.ico") return [204, "image/x-icon", ""];
  if (url.pathname === "/host.js") return [200, "text/javascript", HOST_JS];
  if (url.pathname === "/data/plugin_entry.html") return [200, "text/html", ENTRY];
  const route = url.pathname.replace("/data/plugin/diagnosis", "");
  if (route === "/static/index.js")
    return [200, "text/javascript", readFileSync(new URL("../../tb_diagnose/plugin/static/index.js", import.meta.url))];
  const shown = samples().filter(({ file }) => !state.only || state.only.includes(file.replace(".json", "")));
  if (route === "/api/runs")
    return json({ schema: 2, logdir: "/logs", message: state.message, runs: state.message === null ? shown.map(({ row }) => row) : [] });
  const sample = shown.find(({ row }) => row.run === query.get("run"));
  if (!sample) return [404, "text/plain", `There is no run "${query.get("run")}".`];
  if (route === "/api/diagnosis") return json(sample.diagnosis);
  if (route === "/api/evidence") return json(sample.evidence);
  if (route === "/api/series" && Object.hasOwn(sample.series, query.get("name")))
    return [200, "application/octet-stream", Buffer.from(Float32Array.from(sample.series[query.get("name")].flat(), Number).buffer)];
  return [404, "text/plain", "There is nothing of that name."];
}

const json = (value) => [200, "application/json", JSON.stringify(value)];

createServer((request, response) => {
  const [status, type, body] = answer(new URL(request.url, "http://localhost"));
  const headers = { "Content-Type": `${type}; charset=utf-8`, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache" };
  if (body === ENTRY) headers["Content-Security-Policy"] = CSP;
  setTimeout(() => response.writeHead(status, headers).end(body), request.url.includes("/api/") ? state.delay : 0);
}).listen(Number(process.argv[2] ?? 6010), "127.0.0.1", () => console.log("ready"));
