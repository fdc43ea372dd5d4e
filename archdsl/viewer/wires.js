// Which tensors go straight down an axis, and the ways of all others through lanes.

// The chains and places that every box lies in, from the outside in.
function number(chain, around, plan) {
  chain.wires = [];
  chain.isTurned = plan.box.isTurned;
  chain.els.forEach((el, place) => {
    const address = [...around, [chain, place]];
    el.rowsIn = el.rowsOut = 0;
    el.rows = {}; // Below it, by tensor.
    if (el.box) el.box.address = address;
    if (el.join) el.join.address = address;
    for (const branch of el.fork ?? []) number(branch, address, plan);
    if (el.aside) number(el.aside, address, plan);
  });
}

// Which tensors go straight from one box to the next: they are drawn down the axes.
function claim(chain, current, plan) {
  for (const el of chain.els) {
    if (el.box) {
      for (const from of current) take(from, el.box, plan, current.length > 1);
      current = [el.box];
    } else if (el.aside) claim(el.aside, current, plan);
    else current = claimFork(el, current, plan);
  }
  return current;
}

function claimFork(el, current, plan) {
  const ends = [];
  el.skips = [];
  el.ins = [];
  el.fork.forEach((branch, place) => {
    if (branch.els.length) ends.push([place, claim(branch, current, plan)]);
  });
  if (!el.join) return ends.flatMap(([, each]) => each);
  for (const [place, each] of ends)
    for (const from of each) {
      const link = from !== OUT && !current.includes(from) && takeLink(from, el.join, plan);
      if (link) el.ins.push({ link, from, place });
    }
  for (const from of current) {
    const link = takeLink(from, el.join, plan);
    if (link) el.skips.push({ link, from });
  }
  // What reads nothing of what is above is beside the main path.
  el.isPassed = el.skips.length === 1 && ends.length && !el.fork.some(isFedFromAbove);
  return [el.join];
}

function isFedFromAbove(branch) {
  const first = branch.els.find((el) => !el.aside);
  return first?.box ? first.box.ins : first && (first.skips.length || first.fork.some(isFedFromAbove));
}

function takeLink(from, to, plan) {
  const link = plan.links.find((each) => !each.isTaken && each.from === from && each.to === to && !(each.bits & BLIND)
    && (from !== OUT || each.fromPort === mainIn(plan.box.row))
    && (from === OUT || !from.isOpen || each.fromPort === mainOut(from.row))
    && (to === OUT || !to.isOpen || each.toPort === mainIn(to.row)));
  if (link) link.isTaken = true;
  if (link && to !== OUT) to.isFed = true;
  return link;
}

function take(from, to, plan, isGathered) {
  const link = takeLink(from, to, plan);
  if (!link) return;
  link.isGathered = isGathered;
  (to.ins ??= []).push({ link, from });
}

function claimEnd(ends, plan) {
  if (plan.isTop) return;
  const port = mainOut(plan.box.row);
  const link = plan.links.find((each) => each.to === OUT && each.toPort === port && ends.includes(each.from)
    && (each.from === OUT || !each.from.isOpen || each.fromPort === mainOut(each.from.row)));
  if (link) {
    link.isTaken = true;
    plan.end = link;
  }
}

// All other tensors: the ways they take through the lanes of chains.
function wire(plan, top) {
  plan.wires = plan.links.filter((link) => !link.isTaken && !(link.bits & BLIND));
  for (const link of plan.wires) {
    const from = link.from === OUT ? [[top, -1]] : link.from.address;
    const to = link.to === OUT ? [[top, top.els.length]] : link.to.address;
    let depth = 0;
    while (depth + 1 < Math.min(from.length, to.length) && from[depth + 1][0] === to[depth + 1][0]) depth++;
    link.isFromBottom = from.length - 1 > depth && endsBranch(link, from.at(-1), plan);
    enterTop(link, to, depth);
    link.passes = [];
    link.key = `${link.from === OUT ? "" : link.from.id}:${link.fromPort}`;
    for (let i = from.length - 1; i > depth; i--) {
      const [chain, place] = from[i], [outer, at] = from[i - 1], el = outer.els[at];
      const exit = { el, row: (el.rows[link.key] ??= el.rowsOut++) };
      link.passes.push({ chain, from: place, to: chain.els.length, exit, isDirect: link.isFromBottom && chain === from.at(-1)[0] });
    }
    link.passes.push({ chain: from[depth][0], from: from[depth][1], to: to[depth][1] });
    for (let i = depth + 1; i < to.length; i++) {
      const [outer, at] = to[i - 1], [chain, place] = to[i];
      const enter = { el: outer.els[at], row: outer.els[at].rowsIn++ };
      link.passes.push({ chain, from: -1, to: place, enter, isDirect: link.isDirect && i === to.length - 1 });
    }
    for (const pass of link.passes) if (!pass.isDirect) pass.chain.wires.push({ pass, key: link.key, link });
  }
}

// Whether a tensor that nothing below reads leaves its box downwards, at the end of a branch.
const endsBranch = ({ from, fromPort }, [chain, place], plan) =>
  place === chain.els.length - 1 && from.row.u?.length === 1 && (!from.isOpen || mainOut(from.row) === fromPort)
  && !plan.links.some((link) => link.isTaken && link.from === from);

// The first tensor of a box that nothing above feeds comes in from above: straight into the first box of a branch.
function enterTop(link, address, depth) {
  const { to } = link, [chain, place] = address.at(-1);
  link.isFromTop = to !== OUT && !to.isFed && !to.isWired && (!to.isOpen || link.toPort === mainIn(to.row)) && !to.row.j && !to.role;
  if (!link.isFromTop) return;
  to.isWired = true;
  link.isDirect = !place && address.length - 1 > depth && chain.els[0].box === to;
  if (!link.isDirect) chain.els[place].rowsIn++;
}

// Lanes right of a chain: the shortest wires innermost; those of one tensor share one.
function assignLanes(chain) {
  const groups = new Map();
  for (const { pass, key, link } of chain.wires) {
    const low = Math.min(pass.from, pass.to), high = Math.max(pass.from, pass.to);
    const group = groups.get(key) ?? { low, high, passes: [], link };
    group.low = Math.min(group.low, low);
    group.high = Math.max(group.high, high);
    group.passes.push(pass);
    groups.set(key, group);
  }
  const lanes = [];
  for (const group of [...groups.values()].reverse().sort((a, b) => a.high - a.low - (b.high - b.low) || lower(a, b))) {
    let lane = lanes.findIndex((taken) => taken.every((each) => group.high < each.low || each.high < group.low));
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane].push(group);
    for (const pass of group.passes) pass.lane = lane;
  }
  chain.lanes = lanes.length;
  for (const el of chain.els) {
    for (const branch of el.fork ?? []) assignLanes(branch);
    if (el.aside) assignLanes(el.aside);
  }
}

// Of two wires that leave one box or fork, the lower is first, so that they do not cross.
function lower({ link: a }, { link: b }) {
  const [one, other] = [a.passes[0].exit, b.passes[0].exit];
  if (one && one.el === other?.el) return one.row - other.row;
  return a.from === b.from && a.from !== OUT ? portOut(b.from, b.fromPort) - portOut(a.from, a.fromPort) : 0;
}

// The order of ports on the right border of an open box: what comes in is higher, and what goes out
// is lower, the further in its lane is.
function rankPorts({ box, wires }) {
  const rank = (links, portOf, pass) => {
    const sorted = [...links].sort((a, b) => a.passes.at(pass).lane - b.passes.at(pass).lane);
    return [...new Set(sorted.map(portOf))];
  };
  box.portsIn = rank(wires.filter((link) => link.from === OUT), ({ fromPort }) => fromPort, 0);
  box.portsOut = rank(wires.filter((link) => link.to === OUT), ({ toPort }) => toPort, -1);
}
