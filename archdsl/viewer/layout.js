// Where everything is: a scope's inside follows from nothing outside of it, so opening one moves
// only what comes behind it. Lengths are points of the static figures.
//
// A chain is a column of boxes on one axis. A fork has its branches side by side, from the fan line
// above them to what joins them below. All other tensors are wires, in lanes right of their chain.

const GAP = 15, LABEL = 10, BETWEEN = 16, PADDING = 12, BAND = 20, LANE = 9, ROW = 4, SKIP_LANE = 12;
const TALL = 1100, CHANNEL = 30, JOIN = 16, MARGIN = 5.5, LEADING = 1.2, LARGE = 9.5, SMALL = 8.5;
const MARK = 11, LOOP = 18, SHEETS = 5, ASIDE = 22, PORT = 8, BELOW = 5;

// options: {columns: whether the whole network is laid out in columns}
function layout(scene, open, options = {}) {
  const top = treeOf(scene, open);
  inside(scene, top, options);
  top.x = top.y = 0;
  settle(top, 0, 0);
  return top;
}

// Positions from those in the scope around to those on the page.
function settle(box, dx, dy) {
  box.x += dx;
  box.y += dy;
  if (box.lines) for (const line of box.lines) {
    line.points = line.points.map(([x, y]) => [x + box.x, y + box.y]);
    if (line.label) line.label = { ...line.label, x: line.label.x + box.x, y: line.label.y + box.y };
  }
  for (const kid of box.isOpen ? [...box.kids, ...(box.ends ?? [])] : []) settle(kid, box.x, box.y);
}

// Size of a box: {w, h} with everything that stands out of it on the right and below, {bw, bh} of its rectangle, {ax} where
// its main tensor enters.
function measureBox(scene, box, options) {
  const { row } = box;
  if (box.isOpen) return inside(scene, box, options);
  if (row.k === "end") {
    const width = box.shape[2] + 5 * row.t.length + 14;
    Object.assign(box, { bw: width, bh: 13, w: width, h: 13, ax: width / 2 });
    return;
  }
  let [width, height] = row.z ?? [JOIN, JOIN];
  if (row.j) {
    width = Math.max(JOIN, width - 2 * MARGIN + 6);
    Object.assign(box, { bw: width, bh: JOIN, w: width, h: JOIN, ax: width / 2 });
    return;
  }
  const small = box.labelWidth + (row.sw ?? 0) + (box.label && row.s ? 9 : 0);
  if (small) {
    width = Math.max(width, small + 2 * MARGIN);
    height += SMALL * LEADING;
  }
  if (isScope(box)) width = Math.max(width, (row.z?.[0] ?? 0) + 2 * MARK);
  // A loop stands where no wires come in.
  box.before = row.x && row.i?.length > 1 ? LOOP : 0;
  const out = (row.x && !box.before ? LOOP : 0) + (row.n ? SHEETS : 0);
  Object.assign(box, { bw: width, bh: height, w: width + out, h: height + (row.n ? SHEETS : 0), ax: width / 2 });
}

// Lay out what is in an open scope, and say how large it is. One that `isTurned` is turned over at last:
// in it tensors go up, and wires have their lanes on the left.
function inside(scene, box, options) {
  const chain = box.chain ?? (box.chain = chainOf(box.row, box.kids));
  const links = box.links ?? linksOf(box), shown = [...box.kids, ...(box.ends ?? [])];
  const plan = { scene, box, links, lines: [], isTop: !box.parent };
  number(chain, [], plan);
  const ends = claim(chain, [OUT], plan);
  claimEnd(ends, plan);
  wire(plan, chain);
  if (plan.isTop) findBrackets(plan, chain);
  for (const kid of shown) {
    kid.isTurned = box.isTurned || goesUp(chain, kid);
    measureBox(scene, kid, options);
  }
  assignLanes(chain);
  rankPorts(plan);
  const isWide = options.columns || box.row.n > 0;
  measureChain(chain, plan, isWide);
  frame(box, chain);
  place(chain, box.contentX, box.contentY);
  route(plan, chain);
  if (box.isTurned) turnOver(shown, plan.lines, BAND + box.bh);
  box.lines = plan.lines;
}

const linksOf = (box) => (box.row.e ?? []).map(([source, fromPort, target, toPort, bits = 0]) => ({
  from: source === OUT ? OUT : box.kids[source], fromPort,
  to: target === OUT ? OUT : box.kids[target], toPort, bits,
}));

// The shape on the way from one box to the next, where it is another than before.
function labelOf(el, next, { links, scene }) {
  const box = el.box ?? el.join;
  if (!box || !next || next.box?.role === "output" || box.role === "input") return null;
  const came = links.find((link) => link.isTaken && link.to === box), gone = links.find((link) => link.isTaken && link.from === box);
  const out = gone && box.row.u?.[gone.fromPort];
  return out === undefined || out === box.row.i?.[came?.toPort ?? 0] ? null : scene.shapes[out];
}

function measureChain(chain, plan, isWide = false) {
  let height = 0;
  chain.els.forEach((el, i) => {
    measureEl(el, plan);
    const before = chain.els.slice(0, i).findLast((each) => !each.aside);
    el.label = el.aside || !before || chain.els[i - 1].aside ? null : labelOf(before, el, plan);
    const lead = i ? GAP : el.box ? 0 : PADDING;
    el.lead = lead + (el.label ? LABEL : 0) + ROW * el.rowsIn;
    height += el.lead;
    el.dy = height;
    height += el.h;
  });
  chain.columns = [{ from: 0, x: 0 }];
  if (chain.pairs) return measureBrackets(chain);
  if (isWide && height > TALL && chain.els.length > 5 && !chain.lanes) breakColumns(chain, height);
  measureColumns(chain);
}

// Where a tall chain goes on at the top of the next column: before plain boxes. One that has wires stays whole.
function breakColumns(chain, height) {
  const count = Math.ceil(height / TALL), target = height / count;
  let start = 0;
  chain.els.forEach((el, i) => {
    const isFree = el.box && i > 0 && !el.box.ins?.some((each) => each.link.isGathered) && !chain.els[i - 1].aside;
    if (isFree && el.dy + el.h / 2 - start > target && chain.columns.length < count) {
      chain.columns.push({ from: i });
      start = el.dy;
    }
  });
}

function measureColumns(chain) {
  const lanes = lanesOf(chain), isLeft = chain.isTurned;
  const w = putColumns(chain, isLeft ? lanes : 0);
  chain.h = 0;
  chain.columns.forEach((column, i) => {
    column.dy = i ? column.els[0].dy - GAP : 0;
    chain.h = Math.max(chain.h, ...column.els.map((el) => el.dy - column.dy + el.h));
  });
  if (chain.columns.length > 1) chain.h += GAP; // For the turn to the next column.
  chain.laneX = isLeft ? lanes - 8 : w + 8;
  chain.w = w + (isLeft ? 0 : lanes);
}

const lanesOf = ({ lanes }) => (lanes ? 10 + LANE * (lanes - 1) : 0);

// The columns of a chain beside each other; the width of all.
function putColumns(chain, x) {
  chain.columns.forEach((column, i) => {
    const els = column.els = chain.els.slice(column.from, chain.columns[i + 1]?.from);
    const left = Math.max(0, ...els.map((el) => el.ax));
    const right = Math.max(0, ...els.map((el) => el.w - el.ax), ...els.map((el) => (el.label ? el.label[2] + 6 : 0)));
    column.x = x;
    column.ax = x + left;
    x += left + right + CHANNEL;
  });
  chain.ax = chain.columns[0].ax;
  chain.endX = chain.columns.at(-1).ax;
  return x - CHANNEL;
}

function measureEl(el, plan) {
  if (el.box) Object.assign(el, { w: el.box.w + before(el), h: el.box.h, ax: el.box.ax + before(el) });
  else if (el.aside) {
    measureChain(el.aside, plan);
    const isAlone = el.aside.els.length === 1 && el.aside.els[0].box?.role === "input";
    Object.assign(el, { w: ASIDE + el.aside.w, h: el.aside.h + ROW * el.rowsOut + (isAlone ? 0 : 4), ax: 0 });
  } else measureFork(el, plan);
}

const before = ({ box }) => (box.isOpen ? 0 : box.before ?? 0);

function measureFork(el, plan) {
  let x = el.isPassed ? el.join.ax + SKIP_LANE : 0;
  for (const branch of el.fork) {
    measureChain(branch, plan);
    branch.dx = x;
    if (branch.els.length) x += branch.w + BETWEEN;
  }
  const full = el.fork.filter((branch) => branch.els.length);
  const join = el.join;
  let right = Math.max(0, x - BETWEEN);
  el.isStraight = el.isPassed || full.length === 0;
  let axis = forkAxis(el, full, join);
  if (el.skips?.length && !el.isStraight) {
    el.skipX = Math.max(right, axis - join.ax + join.w) + SKIP_LANE;
    right = el.skipX + 2;
  }
  const shift = Math.max(0, (join?.ax ?? 0) - axis);
  for (const branch of el.fork) branch.dx += shift;
  if (el.skipX !== undefined) el.skipX += shift;
  axis += shift;
  const height = Math.max(0, ...full.map((branch) => branch.h));
  el.joinY = height + (full.length ? GAP + ROW * el.rowsOut : 0);
  el.ax = axis;
  el.w = Math.max(right + shift, join ? axis - join.ax + join.w : 0);
  el.h = join ? el.joinY + join.h : height + ROW * el.rowsOut;
}

// The axis of a fork: of a sum the branch with most ops, else the middle of the branches. It depends
// on nothing that is open or folded, so that opening one branch leaves all on their sides.
function forkAxis(el, full, join) {
  if (!full.length || el.isPassed) return join?.ax ?? 0;
  const at = (branch) => branch.dx + branch.ax;
  if (join?.row.t === "+") return at(full.reduce((a, b) => (opsIn(b) > opsIn(a) ? b : a)));
  const half = (full.length - 1) / 2;
  return (at(full[Math.floor(half)]) + at(full[Math.ceil(half)])) / 2;
}

const opsIn = (chain) => chain.els.reduce((sum, el) => sum + (el.box?.row.N ?? 0) + (el.join ? 1 : 0)
  + (el.fork ?? []).reduce((more, branch) => more + opsIn(branch), 0), 0);

function frame(box, chain) {
  if (!box.parent) {
    Object.assign(box, { contentX: 0, contentY: 0, bw: chain.w, bh: chain.h, w: chain.w, h: chain.h, ax: chain.ax });
    return;
  }
  const title = (box.row.w ?? 0) + MARK + 2 * PADDING;
  const width = Math.max(chain.w + 2 * PADDING, title);
  const ports = Math.max((box.row.i?.length ?? 1) - 1, 0);
  const contentX = PADDING + Math.max(0, (title - chain.w - 2 * PADDING) / 2);
  const contentY = BAND + Math.max(PADDING, chain.els[0]?.box ? PADDING : 4) + (chain.els[0]?.rowsIn ?? 0);
  const low = Math.max(PADDING, PORT * (box.row.u?.length ?? 1));
  const height = Math.max(contentY + chain.h + low, BAND + PORT * (ports + 2) + low);
  Object.assign(box, { contentX, contentY, bw: width, bh: height, w: width, h: height, ax: contentX + chain.ax });
}

function place(chain, x, y) {
  chain.x = x;
  chain.y = y;
  chain.els.forEach((el, i) => {
    const column = chain.columns.findLast((each) => each.from <= i);
    el.axis = x + column.ax;
    el.x = el.axis - el.ax;
    el.y = y + el.dy - column.dy;
    if (el.box) Object.assign(el.box, { x: el.x + before(el), y: el.y });
    if (el.aside) place(el.aside, el.x + ASIDE, el.y);
    if (!el.fork) return;
    for (const branch of el.fork) place(branch, el.x + branch.dx, el.y);
    if (el.join) Object.assign(el.join, { x: el.axis - el.join.ax, y: el.y + el.joinY });
  });
}
