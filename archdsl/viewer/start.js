// The page begins, or another scene comes into it.

function begin(scene) {
  view.scene = scene;
  byId("name").textContent = scene.name;
  const sides = scene.sides?.map((name, i) => html("b", { class: `side${i + 1}` }, `only in ${name}`));
  byId("sides").replaceChildren(...(sides ?? []), sides?.length === 0 ? "no difference" : "");
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

// A link to a layer: `#layer2.1.conv2`.
function fromAddress() {
  let path = "";
  try { path = decodeURI(location.hash.slice(1)); } catch { /* Not a link of ours. */ }
  if (!path || (view.selected && boxAt(view.selected)?.path === path)) return;
  const has = (box) => (box.row.o ?? []).some(([, relative]) => resolve(relative, box.path) === path);
  const isIt = (box) => box.path === path, found = walk(isIt) ?? walk(has) ?? view.top.ends.find(isIt);
  if (found) goTo(found.id);
  else note(`nothing at ${path}`);
}

// What the page around a frame can ask for: a scene, another version of it, colours, an SVG.
function asked({ data, source }) {
  if (source !== parent || source === window || !data) return;
  view.isAsked = true;
  if (data.theme) {
    theme(data.theme);
    document.querySelector("[data-do=theme]").hidden = true;
  }
  if (data.scene) view.scene && !data.isOther ? update(data.scene) : showFirst(data.scene);
  if (data.svg && view.scene) tell({ svg: svgText() });
}

const tell = (message) => parent.postMessage(message, "*");

// A network as it is at first.
function showFirst(scene) {
  if (!view.scene) for (const prepare of [listen, searching, mapping]) prepare();
  begin(scene);
  view.open = new Set(scene.open);
  view.selected = "";
  show("", false);
  fit(false);
  details();
}

function start() {
  const begun = performance.now(), scene = JSON.parse(byId("scene").textContent);
  const pane = byId("pane");
  if (innerWidth <= 900) COMMANDS.details();
  else pane.hidden = false;
  theme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  addEventListener("message", asked);
  if (scene?.version > 1) byId("name").textContent = "made by a newer archdsl";
  else if (scene) {
    showFirst(scene);
    fromAddress();
  } else tell({ isReady: true });
  document.documentElement.dataset.ready = String(Math.round(performance.now() - begun));
}

// Letters are measured, so the font has to be there.
Promise.all(["", "bold "].map((weight) => document.fonts.load(`${weight}9px "Fira Sans Condensed"`, "a×"))).then(start, start);
