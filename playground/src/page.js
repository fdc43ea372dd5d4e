// The page: a spec, and what Python says of it after every change.
import { chooser } from "./chooser.js";
import { menu, splitter, tabs, theme } from "./controls.js";
import { byId, html, save } from "./dom.js";
import { Editor } from "./editor.js";
import FIRST from "./first.arch";
import { Frame } from "./frame.js";
import { showCode, showProblems, showTable } from "./panes.js";
import { Python, Stopped } from "./python.js";
import { packed, unpacked } from "./share.js";

const KEPT = "archdsl.text"; // What somebody has written; it stays in the browser.
const PLACES = ["sessionStorage", "localStorage"]; // For this tab when it is loaded again, and for the next visit.

const NO_VIEWER = "The figure cannot be shown: viewer.html is missing or broken.";
const LOADING = "Loading Python: some 10 MB at the first visit, then from the cache …";

const shown = { name: "main.arch", network: "", networks: [], version: null, views: {}, other: true, notice: "" };
let isChecking = false, isStopped = false, version = 0;
const checked = [];

const python = new Python(said);
const frame = new Frame(chosen);
const editor = new Editor(byId("editor"), { changed, proposals, format });

// The states of Python, and what the page says of each.
function said(state, message = "") {
  const texts = { loading: LOADING, slow: "Still at work …", failed: `Python cannot be loaded: ${message}` };
  document.documentElement.dataset.state = state;
  // Another worker knows nothing of the text.
  if (state === "loading") [shown.version, shown.views] = [null, {}];
  if (state === "ready" && shown.version === null) check();
  byId("stop").hidden = state !== "slow";
  if (texts[state]) byId("status").textContent = texts[state];
  if (!shown.networks.length && texts[state]) cover(texts[state]);
}

function cover(text) {
  byId("cover").firstElementChild.textContent = text;
  byId("cover").hidden = !text;
}

// Whether all that is asked of the last version is shown: what looks at the page can wait for it.
const settled = (isSettled) => (document.documentElement.dataset.settled = String(isSettled));

function changed(isGiven) {
  version++;
  settled(false);
  if (isStopped) byId("status").textContent = python.isReady ? "" : LOADING;
  isStopped = false;
  if (!isGiven) {
    shown.notice = "";
    leaveLink();
    keep(editor.text);
  }
  check();
}

// What is changed is no longer what a link in the address bar has.
const leaveLink = () => location.hash && history.replaceState(null, "", location.pathname);

function keep(text) {
  for (const place of PLACES) {
    try {
      self[place].setItem(KEPT, JSON.stringify({ name: shown.name, text }));
    } catch { /* There is no room, or it is forbidden. */ }
  }
}

function kept() {
  for (const place of PLACES) {
    try {
      const found = JSON.parse(self[place].getItem(KEPT));
      if (found) return found;
    } catch { /* It is forbidden. */ }
  }
  return null;
}

// Check the text until the last version is checked, then show the network in view.
async function check() {
  if (isChecking || isStopped) return;
  isChecking = true;
  settled(false);
  try {
    while (shown.version !== version) await once(version, editor.text);
    await showNetwork();
  } catch (error) {
    ended(error instanceof Stopped ? "this spec takes too long" : `a fault of archdsl, ${error.message}`);
  } finally {
    isChecking = false;
  }
  checked.splice(0).forEach((done) => done());
  if (shown.version !== version && !isStopped) check();
  else settled(true);
}

// A long text that is opened is checked after the network that somebody opens it for is shown.
async function glance(text) {
  const { name, network } = shown;
  if (shown.version !== null || !shown.other || !network || document.documentElement.dataset.tab !== "figure") return {};
  const { scene } = await python.ask({ kind: "glance", text, name, network });
  if (!scene || text !== editor.text || network !== shown.network) return {};
  cover("");
  if (!(await frame.send({ scene, isOther: true }))) return {};
  shown.other = false;
  return { figure: network };
}

async function once(number, text) {
  const views = await glance(text);
  const found = await python.ask({ kind: "check", text, name: shown.name });
  // A version and not a text: who types what stands there already has another version of the same text.
  [shown.version, shown.views] = [number, views];
  if (number !== version) return;
  editor.show(found);
  showProblems(found.diagnostics, editor);
  networks(found.networks);
  summary(found, python.took);
}

// Nothing is lost but the answer: the text waits for its next change.
function ended(reason) {
  isStopped = true;
  byId("status").textContent = `Stopped: ${reason}. The text is as it was; change it, and it is checked again.`;
  checked.splice(0).forEach((done) => done());
}

function summary({ diagnostics, networks }, time) {
  const errors = diagnostics.filter((each) => each.severity === "error").length, notes = diagnostics.length - errors;
  const several = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const words = [errors ? several(errors, "error") : "no errors", ...(notes ? [several(notes, "note")] : []), several(networks.length, "network")];
  byId("status").textContent = `${shown.notice}${words.join(", ")} · checked in ${Math.round(time)} ms`;
  document.documentElement.dataset.checked = String(version);
}

function networks(found) {
  const names = found.map((each) => each.name), field = byId("network");
  if (names.join() !== shown.networks.map((each) => each.name).join()) field.replaceChildren(...names.map((name) => html("option", {}, name)));
  shown.networks = found;
  if (!names.includes(shown.network)) [shown.network, shown.other] = [names[0] ?? "", true];
  field.value = shown.network;
  field.disabled = !names.length;
  const isWhole = found.find((each) => each.name === shown.network)?.isWhole ?? true;
  byId("partial").textContent = isWhole ? "" : "up to the first mistake";
  cover(names.length ? "" : "There is no network yet. Examples has all that ship.");
}

// Ask for what is in view, unless it is shown already.
async function showNetwork() {
  const { network, views } = shown, tab = document.documentElement.dataset.tab;
  if (!network || views[tab] === network) return;
  views[tab] = network;
  cover("");
  if (tab === "figure") await showFigure(network);
  else if (tab === "table") showTable(await python.ask({ kind: "table", network }));
  else showCode(await python.ask({ kind: "code", network }));
}

async function showFigure(network) {
  const { scene } = await python.ask({ kind: "scene", network });
  if (!scene) return noFigure("There is no layer yet.");
  if (!(await frame.send({ scene, isOther: shown.other }))) return noFigure(NO_VIEWER);
  shown.other = false;
}

// The other tabs show what they have; who comes back to the figure is told again.
function noFigure(reason) {
  delete shown.views.figure;
  cover(reason);
}

// Somebody selects a box: the editor shows where it is written.
function chosen([file, line, column, length]) {
  if (file !== shown.name || shown.version !== version) return;
  const from = editor.offset(line, column);
  editor.select(from, Math.min(editor.text.length, editor.offset(line, column + length)), false);
}

// What may stand at a place, once the last version is checked.
async function proposals(at) {
  if (!python.isReady || isStopped) return [];
  if (shown.version !== version) await new Promise((resolve) => {
    checked.push(resolve);
    check();
  });
  if (shown.version !== version) return [];
  return python.ask({ kind: "complete", at }).then(({ items }) => items, () => []);
}

async function format() {
  const before = editor.text, { text } = await python.ask({ kind: "format", text: before }).catch(() => ({}));
  if (text && before === editor.text && text !== before) editor.replace(text);
}

async function load({ file, name }) {
  const found = await fetch(`specs/${file}`).catch(() => ({}));
  if (!found.ok) return (byId("status").textContent = `${file} cannot be loaded.`);
  leaveLink();
  open({ text: await found.text(), name: file, network: name });
}

function open({ text, name = "main.arch", network = "" }) {
  [shown.name, shown.network, shown.networks, shown.other, shown.version] = [name, network, [], true, null];
  editor.put(text);
  check();
}

async function share() {
  const hash = await packed(editor.text, shown.network);
  history.replaceState(null, "", hash);
  const isCopied = await (navigator.clipboard?.writeText(location.href) ?? Promise.reject()).then(() => true, () => false);
  byId("status").textContent = isCopied ? "The link is copied; it has the whole spec in it." : "The link is in the address bar; it has the whole spec in it.";
}

async function download(what) {
  const { network } = shown, stem = shown.name.replace(/\.arch$/, "");
  if (what === "spec") return save(`${stem}.arch`, editor.text);
  if (!network) return;
  const isFigure = what === "figure", types = { figure: "image/svg+xml", page: "text/html", code: "text/x-python" };
  const found = isFigure ? { name: `${network}.svg`, text: await frame.svg() } : await python.ask({ kind: what, network }).catch(() => ({}));
  if (found.text) save(found.name ?? `${network}.html`, found.text, types[what]);
  else byId("status").textContent = isFigure ? NO_VIEWER : "There is nothing to save before the network has no mistake.";
}

const UNREADABLE = "There is no spec in this link that can be read. ";

async function fromAddress() {
  const given = await unpacked(location.hash);
  if (given) open(given);
  else if (location.hash.startsWith("#s=")) byId("status").textContent = shown.notice = UNREADABLE;
  return given;
}

async function start() {
  tabs(() => check());
  menu((what) => download(what).catch(() => {}));
  splitter();
  theme((name) => frame.send({ theme: name }));
  for (const [id, act] of Object.entries({ share, format, stop: () => python.stop() })) byId(id).addEventListener("click", act);
  byId("network").addEventListener("change", ({ target }) => {
    [shown.network, shown.other] = [target.value, true];
    networks(shown.networks);
    check();
  });
  addEventListener("hashchange", fromAddress);
  if (!(await fromAddress())) open(kept() ?? { text: FIRST });
  const examples = await fetch("examples.json").then((found) => found.json()).catch(() => []);
  chooser(examples, load);
}

start();
