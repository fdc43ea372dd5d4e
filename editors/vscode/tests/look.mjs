// Opens a spec in a real VS Code, code-server, in headless Chromium, and looks at what it shows.
//
// usage: node tests/look.mjs FOLDER-FOR-SCREENSHOTS
//
// It needs `archdsl.vsix`, code-server (README.md says how it is installed), and Chromium. CODE_SERVER
// and CHROMIUM are their programs, and ARCHDSL is the command of archdsl as JSON. What is not seen is
// an error, with a screenshot of what there was instead.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser, until } from "./browser.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const VSIX = resolve(HERE, "../archdsl.vsix");
const CODE_SERVER = process.env.CODE_SERVER ?? "code-server";
const CHROMIUM = process.env.CHROMIUM ?? "chromium";
const ARCHDSL = JSON.parse(process.env.ARCHDSL ?? '["archdsl"]');
const SPEC = `## A block with a residual connection.
block unit(width) = add(conv1: conv(width, 3) -> relu, identity)

network small(width=8): [3, 32, 32] -> [10] =
    stem: conv(width, 3) -> relu
    -> body: unit(width)
    -> global_avgpool -> flatten -> fc: linear(10)
`;
// What belongs to the machine that a server runs on is no setting of its user.
const OF_MACHINE = { "archdsl.command": ARCHDSL };
const SETTINGS = {
  "editor.inlayHints.enabled": "on",
  "editor.minimap.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "workbench.colorTheme": "Default Light Modern",
  "workbench.startupEditor": "none",
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

/** code-server with the extension, and a folder with the spec. */
async function startCode(home) {
  const places = ["--user-data-dir", join(home, "data"), "--extensions-dir", join(home, "extensions")];
  await mkdir(join(home, "data/User"), { recursive: true });
  await mkdir(join(home, "data/Machine"));
  await mkdir(join(home, "work"));
  await writeFile(join(home, "data/Machine/settings.json"), JSON.stringify(OF_MACHINE));
  await writeFile(join(home, "data/User/settings.json"), JSON.stringify(SETTINGS));
  await writeFile(join(home, "work/net.arch"), SPEC);
  const install = spawn(CODE_SERVER, [...places, "--install-extension", VSIX], { stdio: "inherit" });
  const [code] = await once(install, "exit");
  if (code) throw new Error(`the extension cannot be installed: ${code}`);
  const port = await freePort();
  const options = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--bind-addr", `127.0.0.1:${port}`];
  // It starts others, which end with its group alone.
  const server = spawn(CODE_SERVER, [...places, ...options], { stdio: "ignore", detached: true });
  const origin = `http://127.0.0.1:${port}`;
  await until("code-server", 60, () => fetch(`${origin}/healthz`).then(() => true, () => false));
  const file = `vscode-remote://127.0.0.1:${port}${join(home, "work/net.arch")}`;
  const payload = encodeURIComponent(JSON.stringify([["openFile", file]]));
  return { server, url: `${origin}/?folder=${join(home, "work")}&payload=${payload}` };
}

const text = (selector) =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].map((each) => each.textContent.replaceAll("\\u00a0", " ")).join("\\n")`;

/** Where a piece of the text is shown. */
const place = (piece) => `(() => {
  for (const each of document.querySelectorAll(".view-line span span")) {
    const text = each.textContent.replaceAll("\\u00a0", " ");
    if (text.includes(${JSON.stringify(piece)})) {
      const box = each.getBoundingClientRect();
      const share = (text.indexOf(${JSON.stringify(piece)}) + ${piece.length / 2}) / text.length;
      return [box.left + box.width * share, box.top + box.height / 2];
    }
  }
})()`;

/** What a page shows in its figures. */
const SHAPES = `[...document.querySelectorAll("svg")].map((each) => each.textContent).join("\\n")`;

async function look(browser, folder) {
  /** Wait for something; what shows it is pressed again, since VS Code may not be ready for it. */
  const sees = async (name, what, expression, test, key) => {
    let turn = 0;
    try {
      await until(what, 60, async () => {
        if (key && turn++ % 30 === 0) await browser.press(key);
        return test((await browser.evaluate(expression)) ?? "");
      });
      await browser.picture(join(folder, `${name}.png`));
      console.log(`seen: ${what} (${name}.png)`);
    } catch (error) {
      await browser.picture(join(folder, `${name}-missing.png`));
      throw error;
    }
  };
  await sees("1-hints", "shapes behind layers, and a lens", text(".view-lines, .codelens-decoration"), (found) =>
    found.includes("[8, 32, 32]") && found.includes("[10]") && found.includes("parameters"));

  await browser.point(...(await until("the word `unit`", 10, () => browser.evaluate(place("unit")))));
  await sees("2-hover", "what a block is", text(".monaco-hover"), (found) =>
    found.includes("A block with a residual connection."));

  // A name that there is not.
  const [x, y] = await browser.evaluate(place("flatten"));
  await browser.point(x, y, true);
  await browser.press("End");
  await browser.type(" -> rellu");
  await browser.press("Escape");
  await sees("3-squiggle", "a squiggle", "document.querySelectorAll('.squiggly-error').length", Boolean);

  await sees("4-fix", "the fix of a mistake", text(".action-widget"), (found) => found.includes("write `relu`"), "Control+.");
  await browser.press("Enter");
  await sees("5-fixed", "the mistake is gone", "document.querySelectorAll('.squiggly-error').length === 0 && " +
    text(".view-lines"), (found) => String(found).includes("relu"));

  await browser.press("Control+s");
  await browser.press("F1");
  await browser.type("Show the network under the cursor");
  await browser.press("Enter");
  // All frames but the first one, which is VS Code itself.
  const asked = async (expression) => (await browser.evaluateInFrames(expression)).slice(1);
  const shows = async (test) => (await asked(SHAPES)).some((each) => each && test(each));
  await until("the panel with the network", 60, () => shows((each) => each.includes("conv1")))
    .finally(() => browser.picture(join(folder, "6-panel.png")));
  await asked("[...document.querySelectorAll('button')].find((each) => each.textContent === 'fold all')?.click()");
  await until("the block in the panel folded", 30, () => shows((each) => each.includes("unit") && !each.includes("conv1")))
    .finally(() => browser.picture(join(folder, "6-panel-folded.png")));
  console.log("seen: the panel with the network, a page to look into (6-panel.png)");

  await browser.point(...(await browser.evaluate(place("stem"))), true);
  await browser.press("End");
  await browser.type(" -> conv(");
  await sees("7-completion", "parameters to complete", text(".suggest-widget .monaco-list-row"), (found) =>
    found.startsWith("out=") && found.includes("kernel="), "Control+ ");
}

const folder = resolve(process.argv[2] ?? "screenshots");
await mkdir(folder, { recursive: true });
const home = await mkdtemp(join(tmpdir(), "archdsl-code-"));
const { server, url } = await startCode(home);
const browser = await Browser.start(CHROMIUM);
try {
  await browser.open(url);
  await look(browser, folder);
} finally {
  await browser.close();
  process.kill(-server.pid);
  await once(server, "exit");
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
