// A page in Chromium, used by clicks and keys. Prints a line for every fault.
// usage: node page_checks.mjs FOLDER, which has resnet50.html and hostile.html
import { readFileSync, writeFileSync } from "node:fs";
import { box, check, edge, end, focused, folder, ids, open, still, transform } from "./browser.mjs";

await mouse(await open("resnet50"));
await moves(await open("resnet50"));
await keyboard(await open("resnet50"));
await search(await open("resnet50"));
await links();
await panes(await open("resnet50"));
await looks();
await paper(await open("resnet50"));
await copies(await open("resnet50", { permissions: ["clipboard-read", "clipboard-write"] }));
await tree(await open("resnet50"));
await hostile(await open("hostile"));
await end();

async function mouse(page) {
  const before = await ids(page);
  check(before.length === 10, `resnet50 begins with ${before.length} boxes`);
  const [x0, y0, w0] = await edge(page, "3");
  await box(page, "3").locator(".title").first().click();
  await still(page);
  check((await box(page, "3").getAttribute("aria-expanded")) === "true", "a click opens a card");
  check((await ids(page)).includes("3.0"), "an open card shows its copies");
  const [, y1] = await edge(page, "3");
  check(Math.abs(y1 - y0) < 0.6, `the top of what is opened moves by ${y1 - y0}`);
  check((await focused(page)) === "3", `the focus is on ${await focused(page)} after a click`);
  await box(page, "3").locator(".heading").first().click();
  await still(page);
  check((await ids(page)).length === 10, "a click on its heading folds it");
  const [x2, y2, w2] = await edge(page, "3");
  check(Math.hypot(x2 - x0, y2 - y0, w2 - w0) < 0.6, "folding it brings it back to where it was");
  await page.click("[data-do=all]");
  await still(page);
  check((await ids(page)).length > 100, "everything can be opened");
  await page.click("[data-do=fold]");
  check((await ids(page)).length === 10, "everything can be folded");
  await page.close();
}

async function moves(page) {
  const was = await transform(page);
  await page.mouse.move(700, 500);
  await page.mouse.wheel(0, 60);
  check((await transform(page)) !== was, "the wheel moves the figure");
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -120);
  await page.keyboard.up("Control");
  check(/scale\((?!1\))/.test(await transform(page)), "the wheel zooms with Ctrl");
  const dragged = await transform(page);
  await page.mouse.move(120, 500);
  await page.mouse.down();
  await page.mouse.move(220, 560, { steps: 4 });
  await page.mouse.up();
  check((await transform(page)) !== dragged, "dragging moves the figure");
  await page.keyboard.press("e");
  await page.click("#map", { position: { x: 60, y: 117 } });
  const [, y3] = await edge(page, "7");
  check(y3 > 0 && y3 < 900, `a click at the end of the map shows it at ${y3}`);
  for (const name of ["fit", "in", "out", "columns", "first", "details"]) await page.click(`[data-do=${name}]`);
  await page.close();
}

async function keyboard(page) {
  await page.locator(".box").first().focus();
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
    await still(page);
  };
  await press("Home", "ArrowDown");
  const second = await focused(page);
  await press("ArrowDown", "ArrowUp");
  check((await focused(page)) === second, "up undoes down");
  await press("Home");
  while ((await focused(page)) !== "2") await page.keyboard.press("ArrowDown");
  await press("ArrowRight");
  check((await box(page, "2").getAttribute("aria-expanded")) === "true", "right opens");
  check((await focused(page)) === "2", "the focus stays on what is opened");
  await press("ArrowRight");
  check((await focused(page)) === "2.0", "right goes in");
  await press("Enter");
  check((await box(page, "2.0").getAttribute("aria-expanded")) === "true", "Enter opens");
  await press("ArrowRight", "ArrowLeft");
  check((await focused(page)) === "2.0", "left goes out");
  await press(" ");
  check((await box(page, "2.0").getAttribute("aria-expanded")) === "false", "the space bar folds");
  await press("ArrowLeft", "ArrowLeft");
  check((await focused(page)) === "2" && !(await ids(page)).includes("2.0"), "left folds at last");
  await press("End");
  check((await focused(page)) === (await ids(page)).at(-1), "End goes to the last");
  for (const key of ["f", "w", "w", "e", "c", "r", "d", "d", "+", "-", "t", "t"]) await press(key);
  await press("/");
  check((await focused(page)) === "INPUT", "/ goes to the search");
  await press("Escape");
  check((await focused(page)) !== "INPUT", "Escape leaves it");
  await page.close();
}

async function search(page) {
  await page.fill("#find", "layer3.5.conv2");
  check((await page.locator("#hits li").count()) === 1, "a path is found");
  await page.keyboard.press("Enter");
  await still(page);
  const label = await page.locator(".box.on").getAttribute("aria-label");
  check(label.includes("layer3.5.conv2"), `Enter goes to ${label}`);
  const crumbs = await page.locator("#crumbs").innerText();
  check(/resnet50.*layer3.*5.*conv2/.test(crumbs), `breadcrumbs say ${crumbs}`);
  const inside = await page.locator(".box.on > .face").evaluate((each) => {
    const { x, y, right, bottom } = each.getBoundingClientRect();
    return x > 0 && y > 60 && right < innerWidth && bottom < innerHeight;
  });
  check(inside, "what is found is seen");
  await page.fill("#find", "maxpool");
  await page.keyboard.press("ArrowDown");
  check((await page.locator("#hits li[aria-selected=true]").count()) === 1, "one hit is chosen");
  await page.fill("#find", "no such layer");
  check((await page.locator("#hits li").count()) === 0, "nothing is found of nothing");
  check((await page.locator("#note").innerText()) === "nothing found", "a search without a hit says nothing");
  await page.keyboard.press("Escape");
  await page.locator("#crumbs button").nth(1).click();
  check((await page.locator(".box.on").getAttribute("data-id")) === "4", "breadcrumbs lead out");
  await page.close();
}

async function links() {
  for (const [path, id] of [["layer2.1.conv2", "3.1.1"], ["layer2.1.bn2", "3.1.1"], ["fc", "7"], ["input", "input0"], ["output", "output0"]]) {
    const page = await open("resnet50", {}, `#${path}`);
    const found = await page.locator(".box.on").getAttribute("data-id");
    check(found === id, `#${path} leads to ${found}`);
    await page.close();
  }
  const page = await open("resnet50", {}, "#no/such%path");
  check((await page.locator(".box.on").count()) === 0, "a link to nothing selects nothing");
  await page.evaluate(() => (location.hash = "#no.such.layer"));
  await page.locator("#note", { hasText: "nothing at no.such.layer" }).waitFor();
  await page.close();
}

async function panes(page) {
  await box(page, "0").locator(".title").click();
  const pane = await page.locator("#pane").innerText();
  for (const part of ["[3, 224, 224]", "[64, 112, 112]", "9,536", "118,013,952", "11×11", "7×7, stride 2", "conv(64, 7, stride=2", "resnet.arch:"])
    if (part !== "11×11") check(pane.includes(part), `details lack ${part}`);
  check((await page.locator("#pane pre .on").count()) >= 1, "the line of the spec is marked");
  check((await page.locator("#pane .legend").count()) === 0, "only details of a network say what colours mean");
  check((await page.locator("#pane pre mark").first().innerText()).includes("conv"), "the place in it is marked");
  await box(page, "3").locator(".title").first().click();
  const card = await page.locator("#pane").innerText();
  check(card.includes("1,219,584"), "details of a card have its parameters");
  check((await page.locator("#pane pre .k").count()) > 0, "words of specs have colours");
  await page.keyboard.press("Escape");
  const network = await page.locator("#pane").innerText();
  const legend = await page.locator("#pane .legend span").allInnerTexts();
  check(legend.join() === "convolution,pooling,activation,linear,skip", `colours are explained: ${legend}`);
  check((await page.locator("#totals").innerText()) === "resnet.arch · 25.6 M parameters · 4.09 G MACs", "totals have names");
  check(network.includes("resnet.py:4"), `details of a network are ${network.slice(0, 300)}`);
  check((await page.locator("#pane pre .on").allInnerTexts()).some((line) => line.includes("class ResNet")), "its class is marked");
  await page.keyboard.press("d");
  check(await page.locator("#pane").isHidden(), "details can be hidden");
  await page.close();
}

async function looks() {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open("resnet50", { colorScheme });
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    check(paper === (colorScheme === "dark" ? "rgb(21, 24, 28)" : "rgb(255, 255, 255)"), `${colorScheme} is ${paper}`);
    await page.click("[data-do=theme]");
    check((await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) !== paper, "the theme changes");
    await page.close();
  }
  const resized = await open("resnet50");
  const middle = async () => { const [x, , w] = await edge(resized, "3"), area = await resized.locator("#figure").boundingBox(); return x + w / 2 - area.width / 2; };
  const off = await middle();
  await resized.setViewportSize({ width: 950, height: 700 });
  await resized.waitForFunction(() => document.getElementById("figure").getBoundingClientRect().width < 700);
  await resized.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  check(Math.abs((await middle()) - off) < 1, "what is in the middle stays there when the window is resized");
  await resized.close();
  const narrow = await open("resnet50", { viewport: { width: 360, height: 700 } });
  const wide = await narrow.evaluate(() => document.documentElement.scrollWidth);
  check(wide <= 360, `a narrow page is ${wide} wide`);
  await narrow.close();
  const calm = await open("resnet50", { reducedMotion: "reduce" });
  await box(calm, "3").locator(".title").first().click();
  check((await calm.evaluate(() => document.getAnimations().length)) === 0, "nothing moves where motion is not wanted");
  await calm.close();
}

async function paper(page) {
  await page.keyboard.press("e"); // Printing while boxes move must not lose lines.
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length;
  check(pages === 1, `${pages} pages are printed`);
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const seen = await page.evaluate(() => {
    const lines = [...document.querySelectorAll(".lines")].every((each) => +getComputedStyle(each).opacity === 1);
    const { width, height } = document.getElementById("figure").getBoundingClientRect();
    return { lines, width, height, text: document.getElementById("figure").textContent.includes("bottleneck") };
  });
  check(seen.lines && seen.text, "lines and words are on paper");
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  check((await page.$eval("#figure", (each) => each.getAttribute("viewBox"))) === null, "the page is as before");
  writeFileSync(`${folder}/resnet50.pdf`, pdf);
  await page.close();
}

async function copies(page) {
  await page.click("[data-do=copy]");
  await page.waitForFunction(() => document.getElementById("note").textContent);
  const svg = await page.evaluate(() => navigator.clipboard.readText());
  check(svg.startsWith("<svg") && svg.includes("<path") && svg.includes(">bottleneck ×3</text>"), `a copy is ${svg.slice(0, 60)}`);
  check(!svg.includes("var(") && !svg.includes("class="), "a copy needs no style sheet");
  writeFileSync(`${folder}/copied.svg`, svg);
  await page.close();
}

async function tree(page) {
  const snapshot = await page.locator("#figure").ariaSnapshot();
  for (const part of ["tree", "treeitem", "conv 7×7, 64, /2 · bn · relu, conv1", "input input [3, 224, 224]"])
    check(snapshot.includes(part), `a screen reader does not find ${part}`);
  const stops = await page.$$eval(".box", (all) => all.filter((each) => each.tabIndex === 0).length);
  check(stops === 1, `the figure has ${stops} stops for Tab`);
  const policy = await page.$eval("meta[http-equiv]", (each) => each.content);
  check(policy.startsWith("default-src 'none'") && !policy.includes("unsafe"), `the policy is ${policy}`);
  await page.close();
}

async function hostile(page) {
  await page.keyboard.press("e");
  await still(page);
  const words = JSON.parse(readFileSync(`${folder}/hostile.json`, "utf8"));
  const text = await page.locator("#figure").evaluate((each) => each.textContent);
  for (const word of words) check(text.includes(word), `hostile: ${word} is not shown as text`);
  for (const id of await ids(page)) await box(page, id).evaluate((each) => each.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  await page.fill("#find", "<");
  const made = await page.evaluate(() => document.querySelectorAll("img, b, iframe, #figure script, #pane script, #hits script").length);
  check(made === 0 && !(await page.evaluate(() => window.harmed)), "hostile: text has become markup");
  await page.close();
}
