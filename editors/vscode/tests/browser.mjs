// A page of headless Chromium, driven over the DevTools protocol: what the script beside it needs.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const KEYS = {
  Enter: { code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  Escape: { code: "Escape", windowsVirtualKeyCode: 27 },
  F1: { code: "F1", windowsVirtualKeyCode: 112 },
  End: { code: "End", windowsVirtualKeyCode: 35 },
  Home: { code: "Home", windowsVirtualKeyCode: 36 },
  Backspace: { code: "Backspace", windowsVirtualKeyCode: 8 },
  " ": { code: "Space", windowsVirtualKeyCode: 32 },
  ".": { code: "Period", windowsVirtualKeyCode: 190 },
};
const MODIFIERS = { Alt: 1, Control: 2, Shift: 8 };

/** What a function gives once it is true; fails after some seconds, with what was waited for. */
export async function until(what, seconds, question) {
  for (let turn = 0; turn < seconds * 5; turn++) {
    const answer = await question();
    if (answer) return answer;
    await sleep(200);
  }
  throw new Error(`not seen within ${seconds} s: ${what}`);
}

export class Browser {
  static async start(program, width = 1400, height = 900) {
    const browser = new Browser();
    browser.profile = await mkdtemp(join(tmpdir(), "archdsl-chromium-"));
    browser.process = spawn(
      program,
      [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        // The panel is a frame of another origin, which is looked into.
        "--disable-features=IsolateOrigins,site-per-process",
        "--disable-site-isolation-trials",
        "--remote-debugging-port=0",
        `--user-data-dir=${browser.profile}`,
        `--window-size=${width},${height}`,
        "about:blank",
      ],
      { stdio: "ignore" },
    );
    const port = await until("a port of Chromium", 30, () =>
      readFile(join(browser.profile, "DevToolsActivePort"), "utf8").catch(() => undefined),
    );
    const origin = `http://127.0.0.1:${port.split("\n")[0]}`;
    const [page] = (await (await fetch(`${origin}/json/list`)).json()).filter((each) => each.type === "page");
    await browser.connect(page.webSocketDebuggerUrl);
    await browser.send("Page.enable");
    await browser.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    return browser;
  }

  connect(url) {
    this.waiting = new Map();
    this.number = 0;
    this.socket = new WebSocket(url);
    this.socket.onmessage = ({ data }) => {
      const heard = JSON.parse(data);
      const waiting = this.waiting.get(heard.id);
      this.waiting.delete(heard.id);
      if (heard.error) waiting?.reject(new Error(heard.error.message));
      else waiting?.resolve(heard.result);
    };
    return new Promise((resolve, reject) => {
      this.socket.onopen = resolve;
      this.socket.onerror = reject;
    });
  }

  send(method, params = {}) {
    const id = ++this.number;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  async open(url) {
    await this.send("Page.navigate", { url });
  }

  async evaluate(expression, contextId) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      contextId,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** What an expression gives in each frame of the page, those within frames too. */
  async evaluateInFrames(expression) {
    const { frameTree } = await this.send("Page.getFrameTree");
    const frames = [];
    const visit = (tree) => {
      frames.push(tree.frame.id);
      (tree.childFrames ?? []).forEach(visit);
    };
    visit(frameTree);
    const found = [];
    for (const frameId of frames) {
      // A frame may be gone by now.
      const world = await this.send("Page.createIsolatedWorld", { frameId }).catch(() => undefined);
      if (world) found.push(await this.evaluate(expression, world.executionContextId).catch(() => undefined));
    }
    return found;
  }

  async press(combination) {
    const parts = combination.split("+");
    const key = parts.pop();
    const modifiers = parts.reduce((sum, each) => sum + MODIFIERS[each], 0);
    const known = KEYS[key] ?? { code: `Key${key.toUpperCase()}`, windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0) };
    const event = { key, modifiers, ...known };
    if (modifiers) delete event.text;
    await this.send("Input.dispatchKeyEvent", { type: event.text ? "keyDown" : "rawKeyDown", ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    await sleep(100);
  }

  async type(text) {
    for (const each of text) {
      await this.send("Input.dispatchKeyEvent", { type: "char", text: each, key: each });
      await sleep(30);
    }
  }

  async point(x, y, isClick = false) {
    await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
    if (!isClick) return;
    const press = { x, y, button: "left", clickCount: 1 };
    await this.send("Input.dispatchMouseEvent", { type: "mousePressed", ...press });
    await this.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...press });
    await sleep(200);
  }

  async picture(path) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    await writeFile(path, Buffer.from(data, "base64"));
  }

  async close() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill();
    await ended;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
