// The figure on paper.

let kept;
// On paper: all that is open, in columns, black on white.
function printed() {
  calm();
  kept = { columns: view.columns, theme: document.documentElement.dataset.theme, x: view.x, y: view.y, scale: view.scale, selected: view.selected };
  view.columns = true;
  view.selected = "";
  theme("light");
  show("", false);
  const figure = byId("figure");
  figure.setAttribute("viewBox", `${-8} ${-8} ${at(view.top.w + 16)} ${at(view.top.h + 16)}`);
  byId("view").removeAttribute("transform");
}

function unprinted() {
  if (!kept) return;
  const { theme: name, ...rest } = kept;
  kept = undefined;
  byId("figure").removeAttribute("viewBox");
  Object.assign(view, rest);
  theme(name);
  show("", false);
}
