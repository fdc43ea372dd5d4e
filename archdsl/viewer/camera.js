// Which part of the figure is seen, and how large.

function move() {
  byId("view")?.setAttribute("transform", `translate(${at(view.x)} ${at(view.y)}) scale(${view.scale})`);
  mapHere();
}

function zoom(factor, x, y) {
  const area = byId("figure").getBoundingClientRect();
  [x, y] = [x ?? area.width / 2, y ?? area.height / 2];
  const scale = Math.min(8, Math.max(0.02, view.scale * factor));
  view.x = x - ((x - view.x) * scale) / view.scale;
  view.y = y - ((y - view.y) * scale) / view.scale;
  view.scale = scale;
  move();
}

function fit(isWhole = true) {
  const area = byId("figure").getBoundingClientRect(), margin = 20;
  // A frame can be shown later.
  view.isUnfit = area.width <= 2 * margin || area.height <= 2 * margin;
  if (view.isUnfit) return;
  const wide = (area.width - 2 * margin) / view.top.w, high = (area.height - 2 * margin) / view.top.h;
  // At first letters are read without effort; the whole is seen with `fit`.
  view.scale = Math.min(1.6, isWhole ? Math.min(wide, high) : Math.max(Math.min(wide, high), Math.min(wide, 1.1)));
  const axis = view.top.ax * view.scale, width = view.top.w * view.scale;
  view.x = width <= area.width - 2 * margin ? (area.width - width) / 2 : Math.min(margin, area.width / 2 - axis);
  view.y = Math.max(margin, isWhole ? (area.height - view.top.h * view.scale) / 2 : margin);
  move();
}

function reveal(id) {
  const box = boxAt(id), area = byId("figure").getBoundingClientRect();
  const [l, t] = [view.x + box.x * view.scale, view.y + box.y * view.scale];
  const [w, h] = [box.bw * view.scale, Math.min(box.bh * view.scale, area.height / 2)];
  if (l < 10 || l + w > area.width - 10) view.x += Math.max(10, (area.width - w) / 2) - l;
  if (t < 10 || t + h > area.height - 10) view.y += Math.max(10, (area.height - h) / 3) - t;
  move();
}
