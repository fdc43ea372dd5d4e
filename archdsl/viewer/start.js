// The page begins, or another scene comes into it.

function begin(scene) {
  view.scene = scene;
  byId("name").textContent = scene.name;
  document.documentElement.classList.toggle("sides", !!scene.sides);
  byId("sides").replaceChildren(...(scene.sides ?? []).map((name, i) => html("b", { class: `side${i + 1}` }, `only in ${name}`)));
  byId("totals").textContent = [scene.file, scene.costs].filter(Boolean).join(" · ");
}

// Another version of a network: what was open stays open, told by its path.
function update(scene) {
  const paths = new Set();
  for (const id of view.open) {
    const box = boxAt(id);
    if (box) paths.add(`${box.path} ${box.row.t}`);
  }
  begin(scene);
  view.open = new Set();
  walk((box) => {
    const isShown = box.parent.id === "" || view.open.has(box.parent.id);
    if (isShown && isScope(box) && paths.has(`${box.path} ${box.row.t}`)) view.open.add(box.id);
  });
  view.selected = "";
  show();
  details();
}

// A link to a layer: `#layer2.1.conv2`.
function fromAddress() {
  let path = "";
  try { path = decodeURI(location.hash.slice(1)); } catch { /* Not a link of ours. */ }
  if (!path || (view.selected && boxAt(view.selected)?.path === path)) return;
  const has = (box) => (box.row.o ?? []).some(([, relative]) => resolve(relative, box.path) === path);
  const found = walk((box) => box.path === path) ?? walk(has);
  if (found) goTo(found.id);
}

function start() {
  const begun = performance.now();
  begin(JSON.parse(byId("scene").textContent));
  view.open = new Set(view.scene.open);
  const pane = byId("pane");
  if (innerWidth <= 900) COMMANDS.details();
  else pane.hidden = false;
  theme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  listen();
  searching();
  mapping();
  show("", false);
  fit(false);
  details();
  fromAddress();
  document.documentElement.dataset.ready = String(Math.round(performance.now() - begun));
}

// Letters are measured, so the font has to be there.
Promise.all(["", "bold "].map((weight) => document.fonts.load(`${weight}9px "Fira Sans Condensed"`, "a×"))).then(start, start);
