// Python in a thread of its own: it answers requests about the spec, one after the other.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const START = `
import sys
sys.path.insert(0, "/packages")
from archdsl.playground.session import Session
Session()
`;
// What could reach beyond the page. Python is loaded, so nobody needs these any more.
const DOORS = ["fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport", "EventSource", "importScripts", "Worker", "SharedWorker", "BroadcastChannel", "indexedDB", "caches"];

async function packages() {
  const found = await fetch("packages.bin");
  if (!found.ok) throw new Error(`packages.bin: ${found.status}`);
  return new Response(found.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function start() {
  const [python, files] = await Promise.all([loadPyodide(), packages()]);
  python.unpackArchive(files, "tar", { extractDir: "/packages" });
  const session = python.runPython(START);
  for (const name of DOORS) Object.defineProperty(self, name, { value: undefined });
  return session;
}

const started = start();
started.then(() => postMessage({ isReady: true }), (error) => postMessage({ failed: error.message }));

addEventListener("message", async ({ data: { id, request } }) => {
  const session = await started;
  try {
    postMessage({ id, answer: session.answer(request) });
  } catch (error) {
    postMessage({ id, failed: error.message });
  }
});
