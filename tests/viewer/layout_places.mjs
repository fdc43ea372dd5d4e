// Where the boxes of a scene are that are seen at first.
// usage: node layout_places.mjs VIEWER_FOLDER SCENE.json   Prints {"title path": {x, y, w, ax, loop (on the left)}}.
import { readFileSync } from "node:fs";
import { viewerLayout } from "./viewer_layout.mjs";

const [folder, file] = process.argv.slice(2);
const { layout } = viewerLayout(folder), scene = JSON.parse(readFileSync(file, "utf8")), found = {};
function add(box) {
  for (const kid of box.kids) {
    found[`${kid.row.t} ${kid.path}`] = { x: kid.x, y: kid.y, w: kid.w, ax: kid.x + kid.ax, loop: kid.before ? kid.x - kid.before : undefined };
    if (kid.isOpen) add(kid);
  }
}
add(layout(scene, new Set(scene.open)));
console.log(JSON.stringify(found));
