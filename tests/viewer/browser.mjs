// A browser for checks of pages in a folder: `check` prints a line for every fault.
import { chromium } from "playwright-core";

export const folder = process.argv[2];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
let faults = 0;
export const check = (isTrue, message) => {
  if (!isTrue) {
    faults++;
    console.log(message);
  }
};

export async function open(name, options = {}, hash = "") {
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options });
  const page = await context.newPage();
  // Beside other tests, a page can wait for its turn.
  page.setDefaultTimeout(150_000);
  page.on("pageerror", (error) => check(false, `${name}: script error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && check(false, `${name}: ${message.text()}`));
  page.on("dialog", (dialog) => {
    check(false, `${name}: a dialog says ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    check(/^(file|data|blob|about):/.test(url), `${name}: request ${url.slice(0, 80)}`);
  });
  await page.goto(`file://${folder}/${name}.html${hash}`);
  await page.waitForSelector("html[data-ready]", { state: "attached" });
  return page;
}

export const still = (page) => page.waitForFunction(() => document.getAnimations().every((each) => each.playState !== "running"));
export const box = (page, id) => page.locator(`.box[data-id="${id}"]`);
export const ids = (page) => page.$$eval(".box", (all) => all.map((each) => each.dataset.id));
export const focused = (page) => page.evaluate(() => document.activeElement?.dataset?.id ?? document.activeElement?.tagName);
export const transform = (page) => page.$eval("#view", (view) => view.getAttribute("transform"));
export const edge = async (page, id) => box(page, id).evaluate((each) => {
  const { x, y, width } = each.querySelector(":scope > .face:not(.sheet), :scope > .frame").getBoundingClientRect();
  return [x, y, width];
});

export async function end() {
  await browser.close();
  process.exitCode = faults ? 1 : 0;
}
