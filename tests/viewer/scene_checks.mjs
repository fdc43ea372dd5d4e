// Pages of networks of all sizes, in frames, with other scenes, and of two networks. Prints a line for every fault.
// usage: node scene_checks.mjs FOLDER, which has nothing.html, tiny.html, many.html, two.html, framed.html
// newer.html, both.html and same.html
import { readFileSync } from "node:fs";
import { check, end, folder, ids, open } from "./browser.mjs";

await sizes();
await frames();
await updates(await open("framed"));
await comparison(await open("both"));
await sameness(await open("same"));
await another(await open("newer"));
await end();

async function sizes() {
  const nothing = await open("nothing"), tiny = await open("tiny");
  check((await ids(nothing)).length === 2, "a network without ops has its two ends");
  for (const key of ["e", "c", "r", "w", "Home", "End", "f"]) await nothing.keyboard.press(key);
  check((await ids(tiny)).length === 3, "a network of one op has three boxes");
  const many = await open("many");
  check((await ids(many)).length > 7, "a network of 100,000 ops has boxes");
  await many.keyboard.press("e");
  check((await many.locator("#note").innerText()).includes("more than"), "many: nobody says that not everything is open");
  check((await ids(many)).length > 1000, "many: the outer boxes are not open");
  await Promise.all([nothing, tiny, many].map((page) => page.close()));
}

// A scene of a form that this viewer does not know.
async function another(page) {
  check((await page.locator("#name").innerText()).includes("newer archdsl"), "a page does not say that its scene is newer");
  await page.close();
}

async function frames() {
  const page = await open("two");
  const frame = page.frames()[1];
  await frame.waitForSelector("html[data-ready]", { state: "attached" });
  check((await frame.locator(".box").count()) === 10, "a page works in a frame of a notebook");
  await frame.locator(".box[data-id='3'] .title").first().click();
  check((await frame.locator(".box[data-id='3.0']").count()) === 1, "a frame answers clicks");
  await page.close();
}

async function updates(page) {
  await page.frames()[1].waitForSelector("html[data-ready]", { state: "attached" });
  const frame = page.frames()[1], scene = JSON.parse(readFileSync(`${folder}/resnet50.json`, "utf8"));
  const send = async (message) => {
    await page.evaluate((each) => document.querySelector("iframe").contentWindow.postMessage(each, "*"), message);
    await frame.waitForFunction((name) => document.getElementById("name").textContent === name, message.scene.name);
  };
  await frame.locator(".box[data-id='3'] .title").first().click();
  await frame.locator(".box[data-id='3.1'] .title").first().click();
  await send({ scene: without(scene, 1) });
  const on = await frame.locator(".box.on").getAttribute("data-id");
  check(on === "2.1" && (await frame.locator(".box[data-id='2.1.0']").count()) === 1, `what was open and selected stays so: ${on}`);
  await send({ scene: { ...scene, name: "other" }, isOther: true });
  check((await frame.locator(".box").count()) === 10, "another network begins folded");
  await page.close();
}

// A scene without one of the boxes of its network: those behind it have other places.
function without(scene, place) {
  const top = scene.defs[scene.top], moved = (end) => (end > place ? end - 1 : end);
  const source = top.e.find(([, , to]) => to === place);
  const e = top.e.filter(([, , to]) => to !== place)
    .map(([from, port, ...to]) => (from === place ? [...source.slice(0, 2), ...to] : [from, port, ...to]))
    .map(([from, port, to, ...rest]) => [moved(from), port, moved(to), ...rest]);
  const row = { ...top, e, c: top.c.filter((_, i) => i !== place), y: top.y.filter((i) => i !== place).map(moved) };
  return { ...scene, name: "shorter", defs: scene.defs.map((each, i) => (i === scene.top ? row : each)) };
}

async function comparison(page) {
  check((await page.locator("#sides b").allInnerTexts()).join() === "only in resnet50,only in resnet101", "both networks are named");
  check((await page.locator(".box.side2").count()) === 17 && (await page.locator(".box.side1").count()) === 0, "more copies are marked");
  const label = await page.locator(".box.side2").first().getAttribute("aria-label");
  check(label.includes("only in resnet101"), `a screen reader says ${label}`);
  const totals = await page.locator("#pane").innerText();
  check(totals.includes("25,557,032 | 44,549,160"), `both: counts are ${totals.slice(0, 200)}`);
  await page.fill("#find", "layer4.0.conv1");
  await page.keyboard.press("Enter");
  const pane = await page.locator("#pane").innerText();
  // The smaller field is that of resnet50, whose third stage has fewer copies.
  const fields = pane.match(/receptive field\s+(\d+)×\1, stride 16 \| (\d+)×\2, stride 16/);
  check(fields && +fields[1] < +fields[2] && pane.includes("memory in inference"), `both: details are ${pane.slice(0, 400)}`);
  await page.close();
}

async function sameness(page) {
  check((await page.locator("#sides").innerText()) === "no difference", "same: nobody says that there is no difference");
  check((await page.locator(".box.side1, .box.side2").count()) === 0, "same: a box is marked");
  await page.close();
}
