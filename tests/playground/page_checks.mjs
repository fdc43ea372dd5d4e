// The playground in Chromium, used by clicks and keys. Prints a line for every fault.
// usage: node page_checks.mjs ADDRESS
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const { chromium } = createRequire(new URL("../viewer/", import.meta.url))("playwright-core");

const address = process.argv[2];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1300, height: 850 }, permissions: ["clipboard-read", "clipboard-write"] });
// Beside other tests, a page can wait for its turn.
context.setDefaultTimeout(150_000);
let faults = 0;
const check = (isTrue, message) => {
  if (!isTrue) {
    faults++;
    console.log(message);
  }
};
const HOSTILE = "<img src=x onerror='harmed=1'>";

async function open(hash = "") {
  const page = await context.newPage();
  page.on("pageerror", (error) => check(false, `script error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && check(false, message.text()));
  page.on("dialog", (dialog) => {
    check(false, `a dialog says ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => check(request.url().startsWith(address) || /^(data|blob):/.test(request.url()), `request ${request.url().slice(0, 90)}`));
  await page.goto(`${address}/${hash}`);
  return page;
}

const status = (page) => page.textContent("#status");
const written = (page) => page.$eval(".cm-content", (each) => [...each.querySelectorAll(".cm-line")].map((line) => [...line.childNodes].filter((part) => !part.className?.includes?.("cm-shape")).map((part) => part.textContent).join("")).join("\n"));
const isChecked = (page, words) => page.waitForFunction((text) => document.getElementById("status").textContent.startsWith(text), words).catch(async () => {
  throw new Error(`expected "${words}", the page says "${await status(page)}"`);
});

// All is checked and shown that was asked for, and no box of the figure moves: nothing goes away from under a click.
async function settled(page) {
  await page.locator("html[data-settled=true]").waitFor({ state: "attached" });
  await page.frames()[1].waitForFunction(() => document.getAnimations().every((each) => each.playState !== "running"));
}

// Another text, without keys that the editor completes.
async function put(page, text) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("Delete");
  await page.evaluate((given) => navigator.clipboard.writeText(given), text);
  await page.keyboard.press("ControlOrMeta+v");
}

// The middle of some letters in the line that has a text.
const placeOf = (page, line, letters) => page.locator(".cm-line", { hasText: line }).evaluate((each, wanted) => {
  const texts = document.createTreeWalker(each, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (texts.nextNode() && !texts.currentNode.data.includes(wanted));
  const from = texts.currentNode.data.indexOf(wanted);
  range.setStart(texts.currentNode, from);
  range.setEnd(texts.currentNode, from + wanted.length);
  const { x, y, width, height } = range.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}, letters);

const page = await open();
const frame = page.frameLocator("#frame");
await begins();
await mistakes();
await words();
await twice();
await panes();
await chosen();
await links();
await downloads();
await examples();
await hostile();
await failures();
await unseen();
await keeps();
await narrow();
await runaway();
await browser.close();
process.exitCode = faults ? 1 : 0;

async function begins() {
  await isChecked(page, "no errors, 1 network");
  await frame.locator(".box").first().waitFor();
  check((await frame.locator(".box").count()) > 6, "the first spec has a figure");
  check((await page.locator(".cm-shape").allTextContents()).includes("[10]"), "shapes stand behind lines");
  check((await page.getAttribute("#frame", "sandbox")) === "allow-scripts", "the viewer is in a sandbox");
  const policy = await page.getAttribute("meta[http-equiv]", "content");
  check(policy.includes("default-src 'none'") && !policy.includes("unsafe-inline"), "the page has a strict policy");
  const doors = await page.workers()[0].evaluate(() => ["fetch", "XMLHttpRequest", "WebSocket"].filter((name) => self[name]));
  check(doors.length === 0, `Python can reach ${doors}`);
}

async function mistakes() {
  await put(page, "network n: [3, 8, 8] = conv(8, 3) -> rellu\n");
  await page.locator(".cm-lintRange-error", { hasText: "rellu" }).waitFor();
  check((await page.locator("#problems button").innerText()).includes("unknown name `rellu`"), "the mistake is listed");
  check((await page.textContent("#partial")) !== "", "the figure ends at the mistake, and says so");
  await settled(page);
  await page.mouse.move(0, 0);
  await page.locator(".cm-lintRange-error").hover();
  await page.locator(".cm-diagnosticAction").first().click();
  await isChecked(page, "no errors");
  check((await written(page)).includes("-> relu"), "a fix is applied");
  check((await page.locator("#problems").isVisible()) === false, "without mistakes nothing is listed");
}

async function words() {
  await page.locator(".cm-content").press("ControlOrMeta+End");
  await page.keyboard.type("network m: [3, 8, 8] = con");
  await settled(page);
  await page.keyboard.press("Control+Space");
  await page.locator(".cm-tooltip-autocomplete").waitFor();
  const offered = await page.locator(".cm-tooltip-autocomplete li").allTextContents();
  check(offered.some((each) => each.startsWith("conv(out, kernel")), `what is offered: ${offered}`);
  await page.keyboard.press("Escape");
  await page.keyboard.type("v(4, 3)");
  await isChecked(page, "no errors, 2 networks");
  await settled(page);
  await page.mouse.move(0, 0);
  await page.mouse.move(...(await placeOf(page, "network m", "conv")), { steps: 3 });
  await page.locator(".cm-meaning", { hasText: "Convolution over 1, 2 or 3 axes" }).waitFor();
}

// Who types the bracket that stands there already makes another version of the same text, while the first is checked.
async function twice() {
  const before = await written(page), slow = Array.from({ length: 3 }, (_, i) => `network n${i}: [3] = repeat(4999, relu)\n`).join("");
  await put(page, slow);
  await put(page, slow);
  await isChecked(page, "no errors, 3 networks");
  await put(page, before);
  await isChecked(page, "no errors, 2 networks");
}

async function panes() {
  await page.selectOption("#network", "m");
  await page.click("#tab-table");
  await page.locator("#table td", { hasText: "[4, 8, 8]" }).first().waitFor();
  await page.click("#tab-code");
  await page.locator("#code pre", { hasText: "class M(" }).waitFor();
  check((await page.locator("#code .k", { hasText: "class" }).count()) > 0, "code has colours");
  await page.click("#tab-figure");
  await frame.locator("#name", { hasText: /^m$/ }).waitFor();
}

async function chosen() {
  const isSelected = () => getComputedStyle(document.querySelector("#editor").shadowRoot.querySelector(".cm-selectionBackground") ?? document.body).position === "absolute";
  await settled(page);
  await frame.locator(".box[aria-label^='conv']").click();
  await page.waitForFunction(isSelected);
  check((await page.locator(".cm-activeLine").innerText()).startsWith("network m"), "the editor shows where a box is written");
  await put(page, "network n: [3, 8, 8] = relu\nnetwork m: [4, 8, 8] = bottleneck(4)\n");
  await page.locator(".cm-shape", { hasText: "[16, 8, 8]" }).waitFor();
  await page.selectOption("#network", "m");
  await frame.locator("#totals", { hasText: "368" }).waitFor();
  await settled(page);
  await frame.locator(".box[aria-label^='conv']").first().click();
  await frame.locator(".box.on").waitFor();
  check((await page.locator(".cm-activeLine").innerText()).trim() === "", "what the library has written is not in the editor");
}

async function links() {
  await page.click("#share");
  await page.waitForFunction(() => location.hash.startsWith("#s="));
  const other = await open(new URL(page.url()).hash);
  await other.locator(".cm-line", { hasText: "network m" }).waitFor();
  check((await written(other)).trim() === (await written(page)).trim(), "a link has the whole spec");
  check((await page.evaluate(() => navigator.clipboard.readText())) === page.url(), "the link is copied");
  check(other.url() === page.url(), "a page that is opened by a link can be loaded again");
  await other.close();
  await page.locator(".cm-content").press("ControlOrMeta+End");
  await page.keyboard.type("# more");
  check(!page.url().includes("#"), "what is written after sharing is lost when the page is loaded again");
  const broken = await open("#s=%%%");
  await broken.locator("#status", { hasText: "no spec in this link" }).waitFor();
  await broken.close();
}

// Every tab keeps its own text, and a new one begins with the last.
async function keeps() {
  const texts = ["network one: [3] = relu\n", "network two: [3] = relu\n"], pages = [];
  for (const text of texts) {
    pages.push(await open());
    await put(pages.at(-1), text);
  }
  for (const [i, each] of pages.entries()) {
    await each.reload();
    await each.locator(".cm-line").first().waitFor();
    check((await written(each)).trim() === texts[i].trim(), `a tab loses its text: ${await written(each)}`);
    await each.close();
  }
}

// On a narrow page nothing is cut off, and the figure has room.
async function narrow() {
  const small = await context.newPage();
  await small.setViewportSize({ width: 400, height: 800 });
  await small.goto(address);
  await isChecked(small, "no errors");
  await small.click("#download");
  const list = await small.locator("#downloads").boundingBox(), figure = await small.locator("#frame").boundingBox();
  check(list.x >= 0 && list.x + list.width <= 400, `the menu reaches from ${list.x} to ${list.x + list.width}`);
  check(figure.height > 330, `the figure is ${figure.height} pixels high`);
  await small.close();
}

// Without its viewer the page still checks, and says what is missing.
async function unseen() {
  const broken = await context.newPage();
  await broken.route("**/viewer.html", (route) => route.fulfill({ status: 404, body: "" }));
  await broken.goto(address);
  await broken.locator("#cover", { hasText: "viewer.html is missing" }).waitFor();
  await broken.click("#tab-table");
  await broken.locator("#table td").first().waitFor();
  check(!(await broken.locator("#cover").isVisible()), "the table is not covered");
  await put(broken, "network n: [3] = rellu\n");
  await broken.locator("#problems", { hasText: "unknown name `rellu`" }).waitFor();
  await broken.close();
}

// Without one of its files the page says so.
async function failures() {
  const broken = await context.newPage();
  await broken.route("**/*.wasm", (route) => route.abort());
  await broken.goto(address);
  await broken.locator("#status", { hasText: "Python cannot be loaded" }).waitFor();
  check((await broken.locator("#cover").innerText()).includes("Python cannot be loaded"), "a page without Python is not blank");
  await broken.close();
}

async function downloads() {
  const begins = { spec: "network n", code: "# Generated from main.arch", figure: "<svg", page: "<!doctype html>" };
  for (const [what, begin] of Object.entries(begins)) {
    await page.click("#download");
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(`[data-save=${what}]`)]);
    const text = readFileSync(await file.path(), "utf8");
    check(text.startsWith(begin), `${file.suggestedFilename()} begins with ${text.slice(0, 40)}`);
  }
}

async function examples() {
  await page.click("#examples");
  check((await page.locator("#chooser li").count()) > 150, "all networks that ship are offered");
  await page.keyboard.type("lenet5");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("network").value === "lenet5");
  await isChecked(page, "no errors");
  await frame.locator("#name", { hasText: "lenet5" }).waitFor();
}

async function hostile() {
  await put(page, `## ${HOSTILE}\nnetwork n: [3, 8, 8] = "${HOSTILE}": conv(3, 1) -> wrong("${HOSTILE}")\n`);
  await page.locator("#problems", { hasText: "unknown name `wrong`" }).waitFor();
  await page.click("#tab-table");
  await page.locator("#table td", { hasText: HOSTILE }).waitFor();
  await page.click("#tab-figure");
  await frame.locator(".box", { hasText: HOSTILE }).first().waitFor();
  for (const each of page.frames()) check((await each.evaluate(() => self.harmed)) === undefined, "names are text");
  check((await page.locator("img[src=x]").count()) === 0 && (await frame.locator("img").count()) === 0, "no name is markup");
}

async function runaway() {
  await put(page, "network n: [3] = repeat(50000, relu)\n");
  await page.locator("#problems", { hasText: "more than 10,000 layers" }).waitFor();
  const long = Array.from({ length: 400 }, (_, i) => `network n${i}: [${i + 1}] = repeat(4999, relu)\n`).join("");
  await put(page, long);
  await page.click("#stop");
  await isChecked(page, "Stopped");
  check((await written(page)).includes("network n399"), "the text is kept");
  await put(page, "network again: [3] = relu\n");
  await isChecked(page, "no errors, 1 network");
}
