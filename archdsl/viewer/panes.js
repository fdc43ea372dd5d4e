// Around the figure: details, search, breadcrumbs and the map.

function html(tag, attributes = {}, ...kids) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...kids.filter((kid) => kid !== null && kid !== undefined));
  return element;
}

// Counts can be texts, of two networks or with symbols, and larger than numbers are exact.
const exact = (count) => `${count}`.replace(/\d{4,}/g, (digits) => BigInt(digits).toLocaleString("en-US"));
const shapeOf = (number) => view.scene.shapes[number][1];

function crumbs() {
  const nav = byId("crumbs"), around = [];
  for (let box = view.selected && boxAt(view.selected); box?.parent; box = box.parent) around.unshift(box);
  nav.replaceChildren(crumb(view.scene.name, ""), ...around.flatMap((box) => [" › ", crumb(box.label || box.row.t, box.id)]));
}

function crumb(text, id) {
  const button = html("button", { type: "button" }, text);
  button.addEventListener("click", () => { select(id); id ? reveal(id) : fit(false); });
  return button;
}

// The ops of a box in order: [row of scene.ops, path].
function opsOf(box, limit = Infinity) {
  const found = [], waiting = [box];
  while (waiting.length && found.length < limit) {
    const each = waiting.pop();
    if (isScope(each)) waiting.push(...kidsOf(view.scene, each).reverse());
    else for (const [number, relative] of each.row.o ?? []) found.push([view.scene.ops[number], resolve(relative, each.path)]);
  }
  return found;
}

function details() {
  const pane = byId("pane"), box = view.selected ? boxAt(view.selected) : view.top;
  pane.scrollTop = 0;
  if (box.role) return pane.replaceChildren(html("h2", {}, box.path), table([[box.role, box.shape[1]]]));
  const { row } = box, block = row.B ? view.scene.blocks[row.B - 1] : null;
  const head = [html("h2", {}, textOf(row)), ...(row.l ?? []).map((line) => html("p", {}, line))];
  const doc = block?.[1] ? html("p", {}, block[1]) : null;
  const ops = isScope(box) && box.row.N > 100 ? null : opsTable(box);
  const kids = [...head, doc, table(factsOf(box)), ...(box.parent ? [] : legend()), ops && html("h3", {}, `${row.N ?? 0} op${row.N === 1 ? "" : "s"}`), ops, ...texts(box, block)];
  pane.replaceChildren(...kids.filter(Boolean));
}

// What colours and lines mean that the figure can have.
function legend() {
  const { defs } = view.scene, families = [...new Set(defs.map((row) => row.f))].filter((each) => each && each !== "merge");
  const signs = { x: "skip", T: "in training only", G: "weights of another box" };
  const entries = [...families.map((each) => [`f-${each}`, each]), ...Object.entries(signs).filter(([key]) => defs.some((row) => row[key]))];
  return entries.length ? [html("h3", {}, "colours and lines"), html("p", { class: "legend" }, ...entries.map(([name, text]) => html("span", { class: name }, text)))] : [];
}

const table = (rows, name = "") => html("table", { class: name }, ...rows.map((cells) =>
  html("tr", {}, ...cells.map((cell, i) => html(i || cells.length > 2 ? "td" : "th", {}, cell)))));

function factsOf(box) {
  const { row } = box, { scene } = view, rows = [];
  const names = box.parent ? {} : { i: scene.inputs, u: [...scene.results, ...scene.heads] };
  const tensors = (key) => (row[key] ?? []).map((number, i) => (names[key] ? `${names[key][i][0]} ` : "") + shapeOf(number)).join(", ");
  if (box.path) rows.push(["path", box.path]);
  rows.push(["in", tensors("i")], ["out", tensors("u")]);
  if (box.side) rows.push(["where", `only in ${scene.sides[box.side - 1]}`]);
  if (row.T) rows.push(["when", "in training only"]);
  if (row.G) rows.push(["weights", "those of another layer"]);
  else if (row.g) rows.push(["weights", "one set for all copies"]);
  rows.push(["parameters", exact(row.P ?? 0)], ["MACs", exact(row.M ?? 0)]);
  return [...rows, ...columnsOf(box)];
}

// Figures of a box that differ between copies of it; of two networks that are compared, those of both.
function columnsOf(box) {
  const { scene } = view, both = [scene.columns].flat().flatMap((columns, i) => {
    if (box.side && box.side !== i + 1) return [];
    const from = box.base[i], to = from + opsOn(box, i);
    const values = (name) => (columns[name]?.[1].slice(from, to) ?? []).map((number) => columns[name][0][number]).filter((each) => each !== "");
    const saved = total(values("saved")), live = values("live");
    return {
      "receptive field": values("field").at(-1),
      "saved for the gradient": saved && bytes(saved),
      "memory in inference": live.length && live.every((each) => typeof each === "number") && `at most ${bytes(Math.max(...live))}`,
    };
  });
  return Object.keys(both[0]).map((name) => [name, [...new Set(both.map((each) => each[name] || "–"))].join(" | ")])
    .filter(([, text]) => text !== "–");
}

const total = (counts) => counts.every((each) => typeof each === "number") ? counts.reduce((a, b) => a + b, 0)
  : counts.length === 1 ? counts[0] : 0;

function bytes(count) {
  if (typeof count !== "number") return `${count} bytes`;
  if (count < 1024) return `${count} bytes`;
  const power = count < 1024 ** 2 ? 1 : count < 1024 ** 3 ? 2 : 3;
  return `${(count / 1024 ** power).toPrecision(3)} ${["", "KiB", "MiB", "GiB"][power]} per sample`;
}

function opsTable(box) {
  const shown = opsOf(box, 400);
  return table(shown.map(([[text, , , shape, params], path]) => [
    html("div", {}, text, html("br"), html("small", {}, [path, shapeOf(shape)].filter(Boolean).join("  "))), params ? exact(params) : "",
  ]), "ops");
}

// Where a box stands in the spec: the number of a file, line, column and length.
const siteOf = ({ span, row }) => (span ? view.scene.spans[span - 1] : row.o ? view.scene.spans[row.o[0][2]] : null);

// The line of the spec that a box comes from, the block that it is, and its class.
function texts(box, block) {
  const { scene } = view, found = [], site = siteOf(box);
  if (site) found.push(...excerpt(scene.files[site[0]], site[1], site));
  if (block) {
    const [file, line] = scene.spans[block[2]];
    found.push(...excerpt(scene.files[file], line, null, block[0]));
  }
  const line = block && scene.code?.lines[box.row.B - 1];
  if (line) found.push(...excerpt(scene.code, line, null));
  return found;
}

function excerpt(file, line, site, name = "") {
  const lines = tokensOf(file), pre = html("pre", { tabindex: 0 });
  lines.forEach((tokens, i) => {
    const isOn = i + 1 === line, row = html("span", isOn ? { class: "on" } : {});
    row.append(html("span", { class: "n" }, `${i + 1}`));
    let column = 1;
    for (const [kind, text] of tokens) {
      row.append(isOn && site ? underlined(kind, text, column, site) : html("span", kind ? { class: kind } : {}, text));
      column += [...text].length;
    }
    pre.append(row, "\n");
  });
  requestAnimationFrame(() => {
    const on = pre.querySelector(".on");
    if (on) pre.scrollTop = on.offsetTop - pre.offsetTop - 40;
  });
  return [html("h3", {}, `${file.name}:${line}${name ? `, ${name}` : ""}`), pre];
}

// One token of a line, of which a span underlines some letters.
function underlined(kind, text, column, [, , from, length]) {
  const letters = [...text], cut = (a, b) => letters.slice(Math.max(0, a), Math.max(0, b)).join("");
  const start = from - column, end = start + length, token = html("span", kind ? { class: kind } : {});
  if (end <= 0 || start >= letters.length) token.append(text);
  else token.append(cut(0, start), html("mark", {}, cut(start, end)), cut(Math.max(end, 0), letters.length));
  return token;
}

// The lines of a text, each as [kind, text] pairs: `marks` are lengths and kinds by turns.
function tokensOf(file) {
  if (file.tokens) return file.tokens;
  const lines = [[]], letters = [...file.text];
  let from = 0;
  const put = (kind, length) => {
    letters.slice(from, from + length).join("").split("\n").forEach((part, i) => {
      if (i) lines.push([]);
      if (part) lines.at(-1).push([kind, part]);
    });
    from += length;
  };
  const marks = file.marks ?? [];
  for (let i = 0; i < marks.length; i += 2) put(marks[i + 1], marks[i]);
  put("", letters.length - from);
  return (file.tokens = lines);
}

// Every box of a network, open or not, until `visit` is true for one.
function walk(visit) {
  const waiting = [boxOf(view.scene, [view.scene.top, ""], null, 0, [0, 0])];
  for (let box; (box = waiting.pop()); ) {
    if (box.parent && visit(box)) return box;
    if (isScope(box)) waiting.push(...kidsOf(view.scene, box).reverse());
  }
  return null;
}

const MOST_HITS = 40;
function findAll(text) {
  const wanted = text.toLowerCase(), hits = [];
  const fits = (box) => box.path.toLowerCase().includes(wanted) || textOf(box.row).toLowerCase().includes(wanted)
    || (box.row.o ?? []).some(([number, relative]) => view.scene.ops[number][0].toLowerCase().includes(wanted)
      || (relative && resolve(relative, box.path).toLowerCase().includes(wanted)));
  if (wanted) walk((box) => fits(box) && hits.push(box) >= MOST_HITS);
  return hits.sort((a, b) => (b.path.toLowerCase() === wanted) - (a.path.toLowerCase() === wanted));
}

function searching() {
  const field = byId("find"), list = byId("hits");
  let chosen = 0, hits = [];
  const mark = () => [...list.children].forEach((item, i) => {
    item.setAttribute("aria-selected", String(i === chosen));
    if (i === chosen) { item.scrollIntoView({ block: "nearest" }); field.setAttribute("aria-activedescendant", item.id); }
  });
  const close = () => { list.replaceChildren(); field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); };
  const go = (i) => { const hit = hits[i]; close(); if (hit) { field.blur(); goTo(hit.id); } };
  field.addEventListener("input", () => {
    hits = findAll(field.value.trim());
    chosen = 0;
    note(field.value && !hits.length ? "nothing found" : "");
    list.replaceChildren(...hits.map((box, i) => html("li", { role: "option", id: `hit${i}` }, textOf(box.row), " ", html("small", {}, box.path))));
    field.setAttribute("aria-expanded", String(hits.length > 0));
    mark();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") chosen = (chosen + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % (hits.length || 1);
    else if (event.key === "Enter") return go(chosen);
    else if (event.key === "Escape") { close(); return field.blur(); }
    else return;
    event.preventDefault();
    mark();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { const item = event.target.closest("li"); if (item) go([...list.children].indexOf(item)); });
  field.addEventListener("blur", close);
}

// The whole figure, small, and which part of it is seen.
function map() {
  const { top } = view, svg = byId("map"), boxes = [];
  svg.setAttribute("viewBox", `-4 -4 ${at(top.w + 8)} ${at(top.h + 8)}`);
  const add = (box) => { for (const kid of box.kids) { boxes.push(kid); if (kid.isOpen && boxes.length < MOST_BOXES) add(kid); } };
  add(top);
  svg.replaceChildren(...boxes.filter((box) => !box.isOpen).map((box) => rectOf(box, { class: "b", rx: 0 })), make("rect", { class: "here" }));
  mapHere();
}

function mapHere() {
  const here = byId("map").lastElementChild, area = byId("figure").getBoundingClientRect();
  if (!here || !view.top) return;
  const to = { x: -view.x / view.scale, y: -view.y / view.scale, width: area.width / view.scale, height: area.height / view.scale };
  for (const [name, value] of Object.entries(to)) here.setAttribute(name, at(value));
  const seen = to.x <= 0 && to.y <= 0 && to.x + to.width >= view.top.w && to.y + to.height >= view.top.h;
  byId("map").classList.toggle("all", seen);
}

function mapping() {
  const svg = byId("map");
  const go = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const area = byId("figure").getBoundingClientRect();
    view.x = area.width / 2 - point.x * view.scale;
    view.y = area.height / 2 - point.y * view.scale;
    move();
  };
  svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); go(event); });
  svg.addEventListener("pointermove", (event) => event.buttons && go(event));
}
