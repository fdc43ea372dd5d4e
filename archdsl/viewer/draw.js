// From a layout to SVG. Texts of a network become text nodes, never markup.

const SVG = "http://www.w3.org/2000/svg";
const ASCENT = 0.935;

function make(tag, attributes = {}, ...kids) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...kids);
  return element;
}

const at = (number) => Math.round(number * 100) / 100;

// The path of a line with round corners, and a head at its end.
function pathOf(points, radius = 6) {
  let d = `M${at(points[0][0])} ${at(points[0][1])}`;
  for (let i = 1; i < points.length; i++) {
    const [a, b, c] = [points[i - 1], points[i], points[i + 1]];
    if (!c) d += `L${at(b[0])} ${at(b[1])}`;
    else {
      const r = Math.min(radius, distance(a, b) / 2, distance(b, c) / 2);
      const [p, q] = [towards(b, a, r), towards(b, c, r)];
      d += `L${at(p[0])} ${at(p[1])}Q${at(b[0])} ${at(b[1])} ${at(q[0])} ${at(q[1])}`;
    }
  }
  return d;
}
const distance = (a, b) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]);
const towards = (from, to, r) => {
  const l = distance(from, to) || 1;
  return [from[0] + ((to[0] - from[0]) * r) / l, from[1] + ((to[1] - from[1]) * r) / l];
};

function headOf(points) {
  const [end, before] = [points.at(-1), points.at(-2)];
  const [x, y] = end, [bx, by] = towards(end, before, 5.5);
  const [dx, dy] = by === y ? [0, 2.2] : [2.2, 0];
  return `M${at(x)} ${at(y)}L${at(bx - dx)} ${at(by - dy)}L${at(bx + dx)} ${at(by + dy)}z`;
}

// What a screen reader says of a box.
function spoken(box) {
  const { row } = box, words = [textOf(row)];
  if (box.role) words[0] = `${box.role} ${box.path} ${box.shape[1]}`;
  if (row.n) words.push("copies");
  words.push(...(row.l ?? []));
  if (box.path && box.path !== row.t && !box.role) words.push(box.path);
  if (row.s) words.push(row.s);
  if (row.T) words.push("in training only");
  if (box.side) words.push(`only in ${view.scene.sides[box.side - 1]}`);
  if (row.x) words.push("skip connection inside");
  return words.join(", ");
}

const textOf = (row) => [row.b, row.t, row.a].filter(Boolean).join(" · ");

function drawBox(box, level) {
  const { row } = box, g = make("g", {
    class: classOf(box), "data-id": box.id, role: "treeitem", "aria-level": level, tabindex: -1,
    "aria-label": spoken(box), "aria-expanded": isScope(box) ? String(box.isOpen) : undefined,
  });
  if (box.isOpen) drawOpen(g, box, level);
  else if (row.k === "end") drawEnd(g, box);
  else drawClosed(g, box);
  return g;
}

function classOf(box) {
  const { row } = box;
  const kind = box.isOpen ? "open" : row.j ? "join" : row.k === "end" ? "end" : isScope(box) ? "scope" : "step";
  return ["box", kind, row.T ? "training" : "", row.G ? "again" : "", box.side ? `side${box.side}` : "", row.f ? `f-${row.f}` : ""].filter(Boolean).join(" ");
}

const rectOf = (box, more = {}, d = 0) => make("rect", {
  x: at(box.x + d), y: at(box.y + d), width: at(box.bw), height: at(box.bh), rx: 3, ...more,
});

function drawOpen(g, box, level) {
  const { row } = box;
  g.append(rectOf(box, { rx: 6, class: level % 2 ? "frame odd" : "frame" }));
  const heading = make("g", { class: "heading" }, make("rect", {
    x: at(box.x), y: at(box.y), width: at(box.bw), height: BAND, rx: 6, class: "band",
  }), mark(box.x + PADDING - 3, box.y + 10, true), words(box.x + PADDING + 6, box.y + 13.2, row.t, "title", "start"));
  const small = [box.path !== row.t ? box.path : "", row.s].filter(Boolean).join(" · ");
  const room = box.bw - (row.w ?? 0) - 2 * PADDING - 20;
  for (const text of [small, row.s ?? ""]) {
    if (!text || widthOf(text) > room) continue;
    heading.append(words(box.x + box.bw - 8, box.y + 13.2, text, "small", "end"));
    break;
  }
  g.append(heading, drawInside(box, level));
}

// The lines and boxes in an open scope.
function drawInside(box, level) {
  const inner = make("g", { role: "group", class: "inner" }), lines = make("g", { class: "lines", "aria-hidden": "true" });
  for (const line of box.lines) {
    if (line.points.length > 1) {
      const name = `line${line.isSkip ? " skip" : ""}${line.isTraining ? " training" : ""}${line.side ? ` side${line.side}` : ""}`;
      const group = make("g", { class: name, "data-from": line.link.from.id, "data-to": line.link.to.id });
      const isEnd = line.link.to === OUT;
      const points = isEnd ? line.points : [...line.points.slice(0, -1), towards(line.points.at(-1), line.points.at(-2), 3)];
      group.append(make("path", { d: pathOf(points) }));
      if (!isEnd) group.append(make("path", { class: "head", d: headOf(line.points) }));
      lines.append(group);
    }
    if (line.label) lines.append(words(line.label.x, line.label.y, line.label.text, "shape", "start"));
  }
  inner.append(lines);
  for (const kid of [...(box.ends ?? []), ...box.kids]) inner.append(drawBox(kid, level + 1));
  return inner;
}

function drawEnd(g, box) {
  g.append(rectOf(box, { class: "face", rx: 6.5 }));
  const line = make("text", { x: at(box.x + box.bw / 2), y: at(box.y + 9.6), "text-anchor": "middle" });
  line.append(span("name", box.row.t), span("shape", ` ${box.shape[0]}`));
  g.append(line);
}

function drawClosed(g, box) {
  const { row } = box;
  if (row.n) g.append(rectOf(box, { class: "face sheet" }, 5), rectOf(box, { class: "face sheet" }, 2.5));
  g.append(rectOf(box, { class: "face", rx: row.j ? JOIN / 2 : 3 }));
  if (row.G) g.append(make("rect", {
    class: "inner-line", x: at(box.x + 2), y: at(box.y + 2), width: at(box.bw - 4), height: at(box.bh - 4), rx: 2,
  }));
  if (row.j) {
    g.append(words(box.x + box.bw / 2, box.y + 11.2, row.t, "sign", "middle"));
    return;
  }
  if (isScope(box)) g.append(mark(box.x + 5, box.y + 8, false));
  drawText(g, box);
  if (row.x) drawLoop(g, box);
}

function drawText(g, box) {
  const { row } = box, x = at(box.x + box.bw / 2);
  let y = box.y + MARGIN / 2;
  const line = (size, ...spans) => {
    g.append(make("text", { x, y: at(y + ASCENT * size), "text-anchor": "middle" }, ...spans));
    y += size * LEADING;
  };
  line(LARGE, ...(row.b ? [span("plain", `${row.b} · `)] : []), span("title", row.t), ...(row.a ? [span("plain", ` · ${row.a}`)] : []));
  for (const each of row.l ?? []) line(SMALL, span("plain", each));
  const small = [box.label, row.s].filter(Boolean).join(" · ");
  if (small) line(SMALL, span("small", small));
}

// A skip connection in a folded box: a loop beside it with the sign of its join, above what leaves it there.
function drawLoop(g, box) {
  const x = box.before ? box.x : box.x + box.bw + (box.row.n ? SHEETS : 0), r = x + (box.before ? 7 - LOOP : LOOP - 7);
  const end = Math.min(7, box.bh / 4), top = box.y + end, low = box.y + box.bh - (box.row.u?.length > 1 ? box.bh / 2 : end);
  const points = [[x, top], [r, top], [r, low], [x, low]], middle = (top + low) / 2;
  g.append(make("path", { class: "loop", d: pathOf(points, 5) }), make("path", { class: "loop-head", d: headOf(points) }));
  g.append(make("circle", { class: "loop-sign", cx: at(r), cy: at(middle), r: 4.6 }));
  g.append(words(r, middle + 3, box.row.x[0], "sign loop-text", "middle"));
}

const span = (name, text) => make("tspan", { class: name }, text);
const words = (x, y, text, name, anchor) => make("text", { x: at(x), y: at(y), class: name, "text-anchor": anchor }, text);
const mark = (x, y, isOpen) => make("path", {
  class: "mark", d: isOpen ? `M${at(x - 3)} ${at(y - 2)}h6l-3 4.4z` : `M${at(x - 2)} ${at(y - 3)}v6l4.4 -3z`,
});

let context;
function widthOf(text) {
  context ??= document.createElement("canvas").getContext("2d");
  context.font = `${SMALL}px "Fira Sans Condensed"`;
  return context.measureText(text).width;
}
