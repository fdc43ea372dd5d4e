// What people do with the figure: move, open, fold, select, print.

const MOST_BOXES = 2000; // More are not opened at once.
const MOST_MOVING = 1500; // More boxes do not slide.
const byId = (id) => document.getElementById(id);

const view = { scene: null, open: new Set(), top: null, selected: "", columns: false, scale: 1, x: 0, y: 0, elements: new Map() };

function boxAt(id) {
  if (!id) return view.top;
  const end = view.top.ends.find((each) => each.id === id);
  if (end) return end;
  let box = view.top;
  for (const place of id.split(".")) box = box?.kids[place];
  return box;
}

// Lay out and draw anew; `anchor` is the box that stays where it is on the screen.
function show(anchor = "", isMoving = true) {
  const before = view.top && view.elements, old = anchor && view.top && boxAt(anchor);
  const from = old && { x: old.x + old.ax, y: old.y };
  const places = new Map();
  if (before && isMoving) for (const [id, { box }] of before) places.set(id, [box.x + box.ax, box.y]);
  view.top = layout(view.scene, view.open, { columns: view.columns });
  const now = from && boxAt(anchor);
  if (now) {
    view.x += (from.x - now.x - now.ax) * view.scale;
    view.y += (from.y - now.y) * view.scale;
  }
  draw();
  if (places.size) slide(places, now && [now.x + now.ax - from.x, now.y - from.y]);
  crumbs();
  map();
}

function draw() {
  const figure = byId("figure"), root = make("g", { id: "view", role: "none" });
  const hadFocus = figure.contains(document.activeElement);
  const inner = drawInside(view.top, 0);
  inner.setAttribute("role", "none");
  root.append(inner);
  figure.replaceChildren(root);
  figure.setAttribute("aria-label", `${view.scene.name}: ${view.scene.costs}`);
  view.elements = new Map();
  for (const element of figure.querySelectorAll(".box")) view.elements.set(element.dataset.id, { element, box: boxAt(element.dataset.id) });
  mark_selected(hadFocus);
  move();
}

// Boxes slide from where they were; lines appear.
function slide(places, shift = [0, 0]) {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches || view.elements.size > MOST_MOVING;
  if (isStill || !view.top) return;
  const easing = { duration: 180, easing: "cubic-bezier(.2,0,0,1)" };
  const moved = new Map([["", [0, 0]]]);
  for (const [id, { element, box }] of view.elements) {
    const [px, py] = moved.get(box.parent?.id ?? "") ?? [0, 0], old = places.get(id);
    const dx = old ? old[0] + shift[0] - box.x - box.ax : px, dy = old ? old[1] + shift[1] - box.y : py;
    moved.set(id, [dx, dy]);
    if (Math.abs(dx - px) > 0.5 || Math.abs(dy - py) > 0.5)
      element.animate([{ transform: `translate(${dx - px}px,${dy - py}px)` }, { transform: "none" }], easing);
    else if (!old) element.animate([{ opacity: 0 }, { opacity: 1 }], easing);
  }
  for (const lines of byId("figure").querySelectorAll(".lines")) lines.animate([{ opacity: 0 }, { opacity: 1 }], easing);
}

const calm = () => document.getAnimations().forEach((each) => each.cancel());

function mark_selected(isFocused) {
  for (const [id, { element }] of view.elements) {
    const isOn = id === view.selected;
    element.classList.toggle("on", isOn);
    element.tabIndex = isOn ? 0 : -1;
    if (isOn) element.setAttribute("aria-selected", "true");
    else element.removeAttribute("aria-selected");
  }
  const chosen = view.elements.get(view.selected)?.element ?? view.elements.values().next().value?.element;
  if (chosen) chosen.tabIndex = 0;
  if (isFocused) chosen?.focus({ preventScroll: true });
  for (const line of byId("figure").querySelectorAll(".line")) {
    const { from, to } = line.dataset;
    line.classList.toggle("lit", !!view.selected && (from === view.selected || to === view.selected));
  }
}

function select(id, isFocused = true) {
  view.selected = id;
  mark_selected(isFocused);
  crumbs();
  details();
  const box = id && boxAt(id);
  const site = box && view.isAsked && siteOf(box);
  if (site) tell({ site: [view.scene.files[site[0]].name, ...site.slice(1)] });
  try {
    history.replaceState(null, "", box ? `#${encodeURI(box.path)}` : location.pathname);
  } catch { /* A page in a frame has no address of its own. */ }
}

function toggle(id) {
  const box = boxAt(id);
  if (!box || !isScope(box)) return;
  if (view.open.has(id)) {
    view.open.delete(id);
    if (view.selected.startsWith(`${id}.`)) view.selected = id;
  } else view.open.add(id);
  show(id);
}

// Open what is around a box, and go there.
function goTo(id) {
  const places = id.split(".");
  places.slice(0, -1).forEach((_, i) => view.open.add(places.slice(0, i + 1).join(".")));
  show();
  select(id);
  reveal(id);
}

function openAll() {
  const open = new Set(), waiting = [view.top];
  let count = 0;
  for (let box; (box = waiting.shift()); ) {
    const kids = kidsOf(view.scene, box);
    if ((count += kids.length) > MOST_BOXES) break;
    if (box.id) open.add(box.id);
    waiting.push(...kids.filter(isScope));
  }
  view.open = open;
  show(view.selected);
  if (count > MOST_BOXES) note(`more than ${MOST_BOXES} boxes: the outer ones are open`);
}

let noteTimer;
function note(text) {
  byId("note").textContent = text;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => (byId("note").textContent = ""), 4000);
}

function columns() {
  view.columns = !view.columns;
  press("columns", view.columns);
  show();
  fit(view.columns);
}

const press = (name, isOn) => document.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(isOn));

function theme(name) {
  document.documentElement.dataset.theme = name;
  document.querySelector("[data-do=theme]").textContent = name === "dark" ? "light" : "dark";
}

const COMMANDS = {
  fit, columns, all: openAll, in: () => zoom(1.25), out: () => zoom(0.8), copy: copySvg,
  fold: () => { view.open = new Set(); view.selected = view.selected.split(".")[0]; show(); fit(false); },
  first: () => { view.open = new Set(view.scene.open); view.selected = ""; view.columns = false; press("columns", false); show(); fit(false); details(); },
  details: () => { const pane = byId("pane"); pane.hidden = !pane.hidden; press("details", !pane.hidden); },
  theme: () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
};
const KEYS = { f: "fit", w: "columns", e: "all", c: "fold", r: "first", d: "details", t: "theme", s: "copy", "+": "in", "=": "in", "-": "out" };

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  if (event.key === "/") byId("find").focus();
  else if (event.key === "Escape") select("");
  else if (KEYS[event.key]) COMMANDS[KEYS[event.key]]();
  else if (event.target.matches("button") || !step(event.key)) return;
  event.preventDefault();
}

// Arrows go through the tree: up and down in order, right into a box, left out of it.
function step(name) {
  const ids = [...view.elements.keys()], place = ids.indexOf(view.selected), box = view.selected && boxAt(view.selected);
  const go = (id) => { select(id); reveal(id); };
  if (name === "Home") go(ids[0]);
  else if (name === "End") go(ids.at(-1));
  else if (name === "ArrowDown") go(ids[Math.min(ids.length - 1, place + 1)]);
  else if (name === "ArrowUp") go(ids[Math.max(0, place - 1)]);
  else if ((name === "Enter" || name === " ") && box) toggle(box.id);
  else if (name === "ArrowRight" && box && isScope(box)) box.isOpen ? go(box.kids[0].id) : toggle(box.id);
  else if (name === "ArrowLeft" && box) box.isOpen ? toggle(box.id) : box.parent?.id && go(box.parent.id);
  else return false;
  return true;
}

function listen() {
  const figure = byId("figure");
  figure.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { left, top } = figure.getBoundingClientRect();
    if (event.ctrlKey) zoom(Math.exp(-event.deltaY / 200), event.clientX - left, event.clientY - top);
    else [view.x, view.y] = [view.x - event.deltaX, view.y - event.deltaY];
    move();
  }, { passive: false });
  dragging(figure);
  document.addEventListener("keydown", key);
  document.querySelector(".tools").addEventListener("click", (event) => COMMANDS[event.target.dataset?.do]?.());
  addEventListener("beforeprint", printed);
  addEventListener("afterprint", unprinted);
  addEventListener("hashchange", fromAddress);
  new ResizeObserver(resized).observe(figure);
}

// The middle of what is seen stays in the middle.
function resized([{ contentRect: { width } }]) {
  if (kept) return;
  view.x += (width - (view.width ?? width)) / 2;
  view.width = width;
  if (view.isUnfit) fit(false);
  else move();
}

// Dragging moves the figure, two fingers zoom; what ends without either is a click.
function dragging(figure) {
  const pointers = new Map();
  let pressed, dragged = false;
  figure.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    pressed = event;
    dragged = false;
  });
  figure.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    if (!dragged && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) < 4) return;
    if (!dragged) figure.setPointerCapture(event.pointerId);
    dragged = true;
    figure.classList.add("drag");
    if (pointers.size === 2) pinch(pointers, last, event);
    else [view.x, view.y] = [view.x + event.clientX - last.clientX, view.y + event.clientY - last.clientY];
    pointers.set(event.pointerId, event);
    move();
  });
  for (const name of ["pointerup", "pointercancel"])
    figure.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      figure.classList.remove("drag");
    });
  figure.addEventListener("click", (event) => dragged || click(event));
}

function pinch(pointers, last, event) {
  const other = [...pointers.values()].find((each) => each.pointerId !== event.pointerId);
  const far = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY) || 1;
  const { left, top } = byId("figure").getBoundingClientRect();
  zoom(far(event) / far(last), (event.clientX + other.clientX) / 2 - left, (event.clientY + other.clientY) / 2 - top);
}

// A click selects; one on a folded box or on a heading opens or folds as well.
function click(event) {
  const element = event.target.closest(".box");
  if (!element) return select("");
  const { id } = element.dataset, box = boxAt(id);
  select(id);
  if (isScope(box) && (!box.isOpen || event.target.closest(".heading")?.parentNode === element)) toggle(id);
}
