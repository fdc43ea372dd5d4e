// The page begins, or another scene comes into it.

function begin(scene) {
  view.scene = scene;
  byId("name").textContent = scene.name;
  document.documentElement.classList.toggle("sides", !!scene.sides);
  byId("sides").replaceChildren(...(scene.sides ?? []).map((name, i) => html("b", { class: `side${i + 1}` }, `only in ${name}`)));
  byId("totals").textContent = [scene.file, scene.costs].filter(Boolean).join(" · ");
}

// Another version of a network: what is open and selected stays so, told by its path. A box can have
// the path of that around it: their kinds tell them apart.
function update(scene) {
  const key = (box) => `${box.path} ${box.row.k}`, selected = view.selected && boxAt(view.selected);
  const open = new Set([...view.open].map(boxAt).filter(Boolean).map(key));
  begin(scene);
  view.open = new Set();
  view.selected = "";
  const look = (box) => {
    for (const kid of kidsOf(scene, box)) {
      if (selected && key(kid) === key(selected)) view.selected = kid.id;
      if (!isScope(kid) || !open.has(key(kid))) continue;
      view.open.add(kid.id);
      look(kid);
    }
  };
  look(boxOf(scene, [scene.top, ""], null, 0, [0, 0]));
  show();
  details();
}

// Another network: it is seen as if its page were opened.
function replace(scene) {
  begin(scene);
  view.open = new Set(scene.open);
  view.selected = "";
  show("", false);
  fit(false);
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
  const pane = byId("pane");
  if (innerWidth <= 900) COMMANDS.details();
  else pane.hidden = false;
  theme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  listen();
  searching();
  mapping();
  replace(JSON.parse(byId("scene").textContent));
  fromAddress();
  document.documentElement.dataset.ready = String(Math.round(performance.now() - begun));
}

// Letters are measured, so the font has to be there.
Promise.all(["", "bold "].map((weight) => document.fonts.load(`${weight}9px "Fira Sans Condensed"`, "a×"))).then(start, start);
