// Lines between boxes that are in place. All bend at right angles, and none goes through a box.

// The ports beside the main one, in the order of their places: those in from above, those out from below.
const portIn = (box, port) => {
  if (box.isOpen) return BAND + PORT * (rankOf(box.portsIn, box.row.i, port) + 1);
  const count = box.row.i?.length ?? 1, room = box.row.u?.length > 1 ? box.bh / 2 : box.bh;
  return (room * (count - port)) / (count + 1);
};
const portOut = (box, port) => {
  const count = box.row.u?.length ?? 1;
  return box.bh - (box.isOpen ? PORT * (rankOf(box.portsOut, box.row.u, port) + 1) : Math.min(5, box.bh / (2 * count + 1)) * (port + 1));
};
const rankOf = (ports, all, port) => (ports.includes(port) ? ports.indexOf(port) : all?.length ?? 0);
// How far the ports of a box that is turned over lie from where they would be: its heading stays on top.
const over = (box) => (box.isTurned && box.isOpen ? BAND : 0);
// Where a box gives its main tensor: below the axis of its last column.
const outX = (box) => box.x + (box.isOpen && box.parent ? box.contentX + box.chain.endX : box.ax);
const bottom = (box) => box.y + box.bh;

function route(plan, chain) {
  const { box } = plan;
  const add = (link, points, label) => plan.lines.push({ ...kindOf(link), link, points: tidy(points), label });
  const each = (el) => {
    for (const come of el.box?.ins ?? []) add(come.link, straight(plan, come, el), labelAt(el, come));
    if (el.fork) routeFork(plan, el, add);
    for (const branch of el.fork ?? []) branch.els.forEach(each);
    if (el.aside) el.aside.els.forEach(each);
  };
  chain.els.slice(0, chain.turn).forEach(each);
  if (chain.pairs) return routeBrackets(plan, chain, each, add);
  if (plan.end) {
    const from = plan.end.from;
    const x = from === OUT ? box.contentX + chain.ax : outX(from);
    const end = box.contentX + chain.endX, low = box.bh - 6;
    add(plan.end, [[x, from === OUT ? BAND : bottom(from)], [x, low], [end, low], [end, box.bh]]);
  }
  for (const link of plan.wires) add(link, wirePoints(plan, link));
}

const kindOf = (link) => ({ isSkip: !!(link.bits & SKIP), isTraining: !!(link.bits & TRAINING), side: (link.bits >> 3) & 3 });

// The start of a line down an axis.
function startOf(plan, from, to) {
  const [[chain]] = to.address;
  if (goesUp(chain, to) && !goesUp(chain, from)) return [chain.columns.at(-1).ax, chain.els[chain.turn].dy - GAP];
  if (from === OUT) return [plan.box.contentX + plan.box.chain.ax, BAND];
  return [outX(from), bottom(from)];
}

// The forks and asides that a line enters on the way from one box to another.
function entered(from, address) {
  const common = from === OUT ? 1 : address.findIndex(([chain], i) => from.address[i]?.[0] !== chain);
  return (common < 0 ? [] : address.slice(common)).map(([chain], i) => {
    const [outer, at] = address[common + i - 1];
    return { el: outer.els[at], chain };
  });
}

const fanY = (el) => el.y - GAP / 2 - ROW * el.rowsIn;

function straight(plan, { link, from }, el) {
  const box = el.box, points = [startOf(plan, from, box)];
  const forks = entered(from, box.address);
  if (!forks.length && from !== OUT && from.address.length > box.address.length) return gathered(points, link, box);
  for (const { el: fork, chain } of forks) {
    points.push([points.at(-1)[0], fanY(fork)], [chain.x + chain.ax, fanY(fork)]);
  }
  const x = box.x + box.ax;
  if (Math.abs(points.at(-1)[0] - x) > 0.5) points.push(...turn(points.at(-1), x, box));
  points.push([x, box.y]);
  return points;
}

// From the bottom of one column to the top of the next, through the channel between them.
function turn([x0, y0], x, box) {
  const [chain, place] = box.address.at(-1);
  const column = chain.columns.findLast((each) => each.from <= place);
  if (place !== column.from || !place || chain.pairs) return [[x0, box.y - GAP / 2], [x, box.y - GAP / 2]];
  const channel = chain.x + column.x - CHANNEL / 2;
  return [[x0, y0 + 8], [channel, y0 + 8], [channel, box.y - 8], [x, box.y - 8]];
}

// One of several tensors that come to the top of a box.
function gathered(points, link, box) {
  const y = box.y - GAP / 2 + 1, count = Math.max(1, box.row.i?.length ?? 1);
  const x = box.isOpen ? box.x + box.ax : box.x + (box.bw * (link.toPort + 1)) / (count + 1);
  return [...points, [points[0][0], y], [x, y], [x, box.y]];
}

function labelAt(el, { link }) {
  if (!el.label || link.isGathered) return undefined;
  const y = el.box.y - (el.rowsIn ? ROW * el.rowsIn : 0);
  return { text: el.label[0], x: el.axis + 4, y: y - 5 - (el.lead - GAP - LABEL > 0 ? 0 : 2) };
}

function routeFork(plan, el, add) {
  const join = el.join;
  if (el.label) forkLabel(el, plan);
  for (const { link, from, place } of el.ins ?? []) {
    const x0 = outX(from), y0 = bottom(from), inside = x0 >= join.x && x0 <= join.x + join.bw;
    const centre = join.y + join.bh / 2;
    if (!join.row.j) add(link, boxJoin(el, join, x0, y0, place));
    else if (Math.abs(x0 - el.axis) < 0.5 || inside) add(link, [[x0, y0], [x0, join.y]]);
    else add(link, [[x0, y0], [x0, centre], [x0 < el.axis ? join.x : join.x + join.bw, centre]]);
  }
  for (const { link, from } of el.skips ?? []) add(link, skipPoints(plan, el, from));
}

// Into one of the places at the top of what joins branches and is no sign.
function boxJoin(el, join, x0, y0, place) {
  const x = join.x + (join.bw * (place + 1)) / (el.fork.length + 1), y = join.y - GAP / 2 + 1;
  return [[x0, y0], [x0, y], [x, y], [x, join.y]];
}

function skipPoints(plan, el, from) {
  const join = el.join, points = [startOf(plan, from, join)];
  for (const { el: fork, chain } of entered(from, join.address))
    points.push([points.at(-1)[0], fanY(fork)], [chain.x + chain.ax, fanY(fork)]);
  if (el.isStraight) {
    const x0 = points.at(-1)[0], low = el.isPassed ? fanY(el) : join.y - GAP / 2 + 1;
    return Math.abs(x0 - el.axis) < 0.5 ? [...points, [el.axis, join.y]] : [...points, [x0, low], [el.axis, low], [el.axis, join.y]];
  }
  const x = el.x + el.skipX, y = join.y + join.bh / 2;
  return [...points, [points.at(-1)[0], fanY(el)], [x, fanY(el)], [x, y], [join.x + join.bw, y]];
}

// What comes into a fork is written above its fan line.
function forkLabel(el, plan) {
  const label = { text: el.label[0], x: el.axis + 4, y: fanY(el) - 3 };
  plan.lines.push({ points: [], label });
}

function wirePoints(plan, link) {
  const { box } = plan, side = box.isTurned ? -1 : 1, laneX = ({ chain, lane }) => chain.x + chain.laneX + side * LANE * lane;
  const points = [], border = side > 0 ? box.bw : 0, edgeOf = (each) => each.x + (side > 0 ? each.bw : 0);
  if (link.from === OUT) points.push([border, portIn(box, link.fromPort)]);
  else points.push(...startOfWire(link, edgeOf));
  const to = link.to, axis = to.x + to.ax;
  for (const pass of link.passes) {
    const [x, y] = points.at(-1), { enter, exit, isDirect } = pass;
    const lane = isDirect ? (exit ? x : axis) : laneX(pass);
    if (enter) {
      const row = enter.el.y - 3 - ROW * (enter.el.rowsIn - 1 - enter.row);
      points.push([x, row], [lane, row]);
    } else points.push([lane, y]);
    if (exit) points.push([lane, exit.el.y + (exit.el.join ? exit.el.joinY - 4 : exit.el.h) - ROW * exit.row]);
  }
  if (link.isDirect) return [...points, [axis, to.y]];
  const [x] = points.at(-1);
  if (to === OUT) return [...points, [x, portOut(box, link.toPort)], [border, portOut(box, link.toPort)]];
  if (link.isFromTop) return [...points, [x, to.y - 5], [axis, to.y - 5], [axis, to.y]];
  const y = to.y + (to.row.j ? to.bh / 2 + 4 : portIn(to, link.toPort) - over(to));
  return [...points, [x, y], [edgeOf(to) - (to.row.j ? side * roundOff(to, 4) : 0), y]];
}

// The main tensor of an open box comes out below it, whoever reads it.
const comesBelow = ({ from, fromPort }) => from.isOpen && mainOut(from.row) === fromPort;

function startOfWire(link, edgeOf) {
  const { from, fromPort } = link, x = outX(from), y = bottom(from);
  if (link.isFromBottom) return [[x, y]];
  return comesBelow(link) ? [[x, y], [x, y + BELOW]] : [[edgeOf(from), from.y + portOut(from, fromPort) - over(from)]];
}

// How far the edge of a round sign lies inside of its right end, off its middle.
const roundOff = (box, off) => box.bh / 2 - Math.sqrt((box.bh / 2) ** 2 - off ** 2);

// The same line without points on the way.
function tidy(points) {
  const near = (a, b) => Math.abs(a - b) < 0.05;
  const kept = points.filter((p, i) => !i || !near(p[0], points[i - 1][0]) || !near(p[1], points[i - 1][1]));
  return kept.filter((p, i) => {
    const [a, b] = [kept[i - 1], kept[i + 1]];
    return !a || !b || !((near(a[0], p[0]) && near(p[0], b[0])) || (near(a[1], p[1]) && near(p[1], b[1])));
  });
}
