// What must hold of every layout: no boxes overlap, children lie in their parents, every line ends on
// its boxes and crosses no other, and the order is the author's whatever is open.
// usage: node layout_checks.mjs VIEWER_FOLDER SCENE.json...   Prints a line for every fault.
import { readFileSync } from "node:fs";
import { viewerLayout } from "./viewer_layout.mjs";

const [folder, ...files] = process.argv.slice(2);
const { layout, OUT } = viewerLayout(folder);
const EPS = 0.06, MOST = 1500;
let faults = 0;

function fault(where, message) {
  if (faults++ < 2000) console.log(`${where}: ${message}`);
}

function allOpen(scene, limit = MOST) {
  const open = new Set(), waiting = [["", scene.top]];
  let seen = 0;
  while (waiting.length && seen < limit) {
    const [id, number] = waiting.shift(), row = scene.defs[number];
    if (id) open.add(id);
    (row.c ?? []).forEach(([child], place) => {
      seen++;
      if (scene.defs[child].c) waiting.push([id ? `${id}.${place}` : `${place}`, child]);
    });
  }
  return open;
}

// Every third box that could be, and what is around it.
function someOpen(scene) {
  const open = new Set();
  [...allOpen(scene)].forEach((id, i) => {
    if (i % 3) return;
    const places = id.split(".");
    places.forEach((_, k) => open.add(places.slice(0, k + 1).join(".")));
  });
  return open;
}

const shown = (box) => [...box.kids, ...(box.ends ?? [])];

function check(where, box, columns) {
  const kids = shown(box);
  checkOrder(where, kids, columns || box.row.n > 0);
  kids.forEach((a, i) => {
    if (![a.x, a.y, a.w, a.h].every(Number.isFinite)) fault(where, `${a.id} has no place`);
    if (a.x < box.x - EPS || a.y < box.y - EPS || a.x + a.w > box.x + box.w + EPS || a.y + a.h > box.y + box.h + EPS)
      fault(where, `${a.id} (${a.row.t}) leaves ${box.id || "the page"}`);
    for (const b of kids.slice(i + 1))
      if (a.x < b.x + b.w - EPS && b.x < a.x + a.w - EPS && a.y < b.y + b.h - EPS && b.y < a.y + a.h - EPS)
        fault(where, `${a.id} (${a.row.t}) overlaps ${b.id} (${b.row.t})`);
  });
  const drawn = box.lines.filter((line) => line.link);
  const wanted = (box.row.e ?? []).filter(([, , , , bits = 0]) => !(bits & 4)).length;
  if (box.parent && drawn.length !== wanted) fault(where, `${box.id} has ${drawn.length} lines for ${wanted} tensors`);
  for (const line of drawn) checkLine(where, box, kids, line);
  for (const kid of kids) if (kid.isOpen) checkPorts(where, kid, drawn);
  for (const kid of kids) if (kid.isOpen) check(where, kid, columns);
}

// A line goes on within an open box where it ends outside of it; a main one begins below its heading.
function checkPorts(where, kid, outside) {
  const isSide = (x) => Math.abs(x - kid.x) < EPS || Math.abs(x - kid.x - kid.bw) < EPS;
  const fits = ([x, y], [x1, y1]) => Math.abs(x - x1) < EPS && (Math.abs(y - y1) < EPS || (!isSide(x) && Math.abs(y1 - y - 20) < EPS));
  const inside = (end, key, port) => kid.lines.filter(({ link }) => link && link[end] === OUT && link[key] === port);
  const goesOn = (lines, point, place) => !lines.length || lines.some((line) => fits(point, line.points.at(place)));
  for (const { link, points } of outside) {
    if (link.to === kid && !goesOn(inside("from", "fromPort", link.toPort), points.at(-1), 0))
      fault(where, `port ${link.toPort} of ${kid.id} (${kid.row.t}) is not where its line begins`);
    if (link.from === kid && !goesOn(inside("to", "toPort", link.fromPort), points[0], -1))
      fault(where, `port ${link.fromPort} of ${kid.id} (${kid.row.t}) is not where its line ends`);
  }
}

const onBorder = (x, y, box) => {
  const inX = x > box.x - EPS && x < box.x + box.bw + EPS, inY = y > box.y - EPS && y < box.y + box.bh + EPS;
  const round = box.row.j ? 3 : EPS;
  return inX && inY && (Math.abs(x - box.x) < round || Math.abs(x - box.x - box.bw) < round
    || Math.abs(y - box.y) < EPS || Math.abs(y - box.y - box.bh) < EPS);
};

function checkLine(where, box, kids, line) {
  const { link, points } = line, [first, last] = [points[0], points.at(-1)];
  const says = `line ${link.from.id ?? "outside"} (${link.from.row?.t}) -> ${link.to.id ?? "outside"} (${link.to.row?.t}) in ${box.id || "the page"}`;
  if (points.length < 2) return fault(where, `${says} has no length`);
  for (const [point, end] of [[first, link.from], [last, link.to]]) {
    const isOn = end === OUT ? onBorder(...point, box) || Math.abs(point[1] - box.y - 20) < EPS : onBorder(...point, end);
    if (!isOn) fault(where, `${says} does not end on its box: ${point}`);
  }
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    if (Math.abs(x0 - x1) > EPS && Math.abs(y0 - y1) > EPS) fault(where, `${says} is not level`);
    const [l, r, t, b] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)];
    if (l < box.x - EPS || r > box.x + box.w + EPS || t < box.y - EPS || b > box.y + box.h + EPS) fault(where, `${says} leaves its scope`);
    for (const kid of kids)
      if (l < kid.x + kid.bw - EPS && r > kid.x + EPS && t < kid.y + kid.bh - EPS && b > kid.y + EPS) {
        const isOwn = (kid === link.from && i === 1) || (kid === link.to && i === points.length - 1);
        if (!isOwn || !kid.row.j) fault(where, `${says} crosses ${kid.id} (${kid.row.t})`);
      }
  }
}

// Whatever is open: what is written first stands above, or left of what is beside it.
function checkOrder(where, kids, columns) {
  kids.forEach((a, i) => kids.slice(i + 1).forEach((b) => {
    const at = a.address.findIndex(([chain, place], k) => b.address[k]?.[0] !== chain || b.address[k][1] !== place);
    const [chain, place] = a.address[at < 0 ? a.address.length - 1 : at], other = b.address[at < 0 ? a.address.length - 1 : at];
    if (at < 0 || !other) return;
    if (other[0] === chain) {
      // Right of a U tensors go up.
      const isRight = (at) => at >= chain.turn, isUp = chain.isTurned || a.address.slice(0, at).some(([outer, i]) => i >= outer.turn) || (isRight(place) && isRight(other[1]));
      if (isRight(place) !== isRight(other[1])) return;
      const [first, then] = place < other[1] !== isUp ? [a, b] : [b, a];
      if (!columns && first.y + first.h > then.y + EPS) fault(where, `${first.id} is not above ${then.id}`);
    } else {
      const [outer, place] = a.address[at - 1], fork = outer.els[place].fork, left = fork.indexOf(chain) < fork.indexOf(other[0]);
      const [first, then] = left ? [a, b] : [b, a];
      if (first.x + first.w > then.x + EPS) fault(where, `${first.id} is not left of ${then.id}`);
    }
  }));
}

for (const file of files) {
  const scene = JSON.parse(readFileSync(file, "utf8"));
  const name = file.split("/").at(-1);
  const states = [["folded", new Set()], ["first", new Set(scene.open)], ["half", someOpen(scene)], ["open", allOpen(scene)]];
  for (const [state, open] of states)
    for (const columns of [false, true]) check(`${name} ${state}${columns ? " columns" : ""}`, layout(scene, open, { columns }), columns);
}
process.exitCode = faults ? 1 : 0;
