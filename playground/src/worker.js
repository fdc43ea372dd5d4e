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
  const unpacked = new Response(found.body.pipeThrough(new DecompressionStream("gzip")));
  return new Uint8Array(await unpacked.arrayBuffer());
}

// The files of an archive in POSIX's "ustar" form: a block of 512 bytes about each, then its content.
// Python could do this too, in ten times the time.
function unpack(FS, archive) {
  const BLOCK = 512, folders = new Set();
  const field = (at, length) => new TextDecoder().decode(archive.subarray(at, at + length)).split("\0")[0];
  for (let at = 0, size; archive[at]; at += BLOCK * (1 + Math.ceil(size / BLOCK))) {
    const [name, prefix] = [field(at, 100), field(at + 345, 155)], path = `/packages/${prefix && `${prefix}/`}${name}`;
    const folder = path.slice(0, path.lastIndexOf("/"));
    size = parseInt(field(at + 124, 12), 8);
    if (!folders.has(folder)) FS.mkdirTree(folder);
    folders.add(folder);
    FS.writeFile(path, archive.subarray(at + BLOCK, at + BLOCK + size));
  }
}

async function start() {
  const [python, files] = await Promise.all([loadPyodide(), packages()]);
  unpack(python.FS, files);
  const session = python.runPython(START);
  for (const name of DOORS) Object.defineProperty(self, name, { value: undefined });
  return session;
}

const started = start(), failed = ({ message }) => postMessage({ failed: message });
started.then(() => postMessage({ isReady: true }), failed);
// Pyodide waits for ever for a file that does not come.
addEventListener("unhandledrejection", ({ reason }) => failed(reason));

addEventListener("message", async ({ data: { id, request } }) => {
  const session = await started;
  try {
    postMessage({ id, answer: session.answer(request) });
  } catch (error) {
    // All but exceptions of Python leave it broken, as when the browser's stack is full.
    postMessage({ id, failed: error.message.trim().split("\n").at(-1), isBroken: error.name !== "PythonError" });
  }
});
