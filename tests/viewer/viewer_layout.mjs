// The layout of the viewer, which needs no browser.
import { readFileSync } from "node:fs";

const FILES = ["tree.js", "wires.js", "layout.js", "brackets.js", "route.js"];

export function viewerLayout(folder) {
  const text = FILES.map((name) => readFileSync(`${folder}/${name}`, "utf8")).join("\n");
  return new Function(`"use strict";${text}\nreturn { layout, OUT };`)();
}
