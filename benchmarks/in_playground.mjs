// Times the playground in Chromium: `node in_playground.mjs ADDRESS TIMES` prints, as JSON, the
// milliseconds to the first check and figure, and from keys to the underline of a mistake.
import { createRequire } from "node:module";
const { chromium } = createRequire(new URL("../tests/viewer/", import.meta.url))("playwright-core");

const SPEC = "network n: [3, 32, 32] = conv(8, 3) -> relu\n";

// In the page: when a key was pressed, and when the first underline appeared.
function watch() {
  const root = document.getElementById("editor").shadowRoot;
  addEventListener("keydown", () => {
    const pressed = performance.now();
    const seen = new MutationObserver(() => {
      if (!root.querySelector(".cm-lintRange-error")) return;
      seen.disconnect();
      window.taken = performance.now() - pressed;
    });
    seen.observe(root, { childList: true, subtree: true, attributes: true });
  }, true);
}

async function main(address, times) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage(), begun = performance.now();
  page.setDefaultTimeout(180_000);
  await page.goto(address);
  await page.waitForSelector("html[data-checked]", { state: "attached" });
  const checked = performance.now() - begun;
  await page.frameLocator("#frame").locator(".box").first().waitFor();
  const found = { checked, figure: performance.now() - begun, underlined: [] };
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.evaluate((text) => navigator.clipboard.writeText(text), SPEC);
  await page.keyboard.press("ControlOrMeta+v");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("End");
  await page.evaluate(watch);
  for (let count = 0; count < times; count++) {
    await page.evaluate(() => (window.taken = undefined));
    await page.keyboard.press("u");
    await page.waitForFunction(() => window.taken);
    found.underlined.push(await page.evaluate(() => window.taken));
    await page.keyboard.press("Escape");
    await page.keyboard.press("Backspace");
    await page.waitForFunction(() => !document.getElementById("editor").shadowRoot.querySelector(".cm-lintRange-error"));
  }
  await browser.close();
  console.log(JSON.stringify(found));
}

await main(process.argv[2], Number(process.argv[3]));
