// The boxes of a scene, made as far as they are open (see backends/scene/FORMAT.md).
//
// A box: {id, path, label, row (its definition), kids, isOpen, parent, base}; `base` is the number of its first op,
// in either network if two are compared.

const OUT = -1; // The box itself, at the ends of edges in it.
const SKIP = 1, TRAINING = 2, BLIND = 4;

const resolve = (relative, base) => {
  const [, { length: up }, name] = relative.match(/^(\^*)\.?(.*)$/s), around = base ? base.split(".") : [];
  return [...around.slice(0, around.length - up), ...(name ? [name] : [])].join(".");
};

const isScope = (box) => box.row.c !== undefined;

function boxOf(scene, reference, parent, place, base) {
  const [number, relative, label = "", labelWidth = 0, span = 0, side = 0] = reference;
  const row = scene.defs[number];
  const id = parent ? (parent.id ? `${parent.id}.${place}` : `${place}`) : "";
  const path = parent ? resolve(relative, parent.path) : "";
  return { id, path, label, labelWidth, span, side, row, parent, place, base, kids: [], isOpen: false };
}

// The boxes in a scope, with those that are inputs and outputs of a network.
function kidsOf(scene, box) {
  let base = box.base;
  return (box.row.c ?? []).map((reference, place) => {
    const kid = boxOf(scene, reference, box, place, base);
    base = base.map((number, i) => number + opsOn(kid, i));
    return kid;
  });
}

// How many ops of a box one of two networks has that are compared.
const opsOn = ({ row, side }, i) => (side && side !== i + 1 ? 0 : row.NN?.[i] ?? row.N ?? 0);

// The box of a network with everything in it that is open.
function treeOf(scene, open) {
  const top = boxOf(scene, [scene.top, ""], null, 0, [0, 0]);
  top.isOpen = true;
  const waiting = [top];
  while (waiting.length) {
    const box = waiting.pop();
    box.kids = kidsOf(scene, box);
    for (const kid of box.kids) {
      kid.isOpen = isScope(kid) && open.has(kid.id);
      if (kid.isOpen) waiting.push(kid);
    }
  }
  addEnds(scene, top);
  return top;
}

// The order of boxes of a scope, as an own copy: chains of boxes, forks and asides.
function chainOf(row, kids) {
  const chain = (parts) => ({
    els: parts.map((part) => {
      if (typeof part === "number") return { box: kids[part] };
      if (part[0] === "a") return { aside: chain(part[1]) };
      return { fork: part[1].map(chain), join: part[2] < 0 ? null : kids[part[2]] };
    }),
  });
  return chain(row.y ?? []);
}

// Inputs and outputs of a network are boxes of their own, where the tensors are needed or made.
function addEnds(scene, top) {
  const shape = (number) => scene.shapes[number];
  const end = (name, number, role, place, isTraining) => ({
    id: `${role}${place}`, path: name, label: "", labelWidth: 0, parent: top, place, base: [0, 0], kids: [],
    isOpen: false, role, row: { k: "end", t: name, u: [number], i: [number], T: isTraining ? 1 : 0 },
    shape: shape(number),
  });
  const inputs = scene.inputs.map(([name, number], i) => end(name, number, "input", i));
  const results = [...scene.results, ...scene.heads].map(([name, number], i) =>
    end(name, number, "output", i, i >= scene.results.length));
  top.chain = chainOf(top.row, top.kids);
  top.links = (top.row.e ?? []).map(([source, fromPort, target, toPort, bits = 0]) => ({
    from: source === OUT ? inputs[fromPort] : top.kids[source], fromPort: source === OUT ? 0 : fromPort,
    to: target === OUT ? results[toPort] : top.kids[target], toPort: target === OUT ? 0 : toPort, bits,
  }));
  for (const [input, output] of scene.through)
    top.links.push({ from: inputs[input], fromPort: 0, to: results[output], toPort: 0, bits: 0 });
  for (const box of [...inputs].reverse()) placeInput(top, box);
  for (const box of results) placeOutput(top, box);
  top.ends = [...inputs, ...results];
}

const reads = (top, box, input) =>
  top.links.some((link) => link.from === input && link.to === box && !(link.bits & BLIND));

// An input stands before what reads it first: at the start of a chain, in an empty branch of a fork.
function placeInput(top, input) {
  const own = { box: input };
  const put = (chain, isStart) => {
    for (let i = 0; i < chain.els.length; i++) {
      const el = chain.els[i], starts = isStart && i === 0;
      if (el.box && reads(top, el.box, input)) {
        chain.els.splice(i, 0, starts ? own : { aside: { els: [own] } });
        return true;
      }
      if (el.aside && put(el.aside, false)) return true;
      if (el.fork && putInFork(chain, el, i, starts)) return true;
    }
    return false;
  };
  const putInFork = (chain, el, i, starts) => {
    const readers = el.fork.filter((branch) => startsWith(branch, top, input));
    const empty = el.fork.find((branch) => !branch.els.length);
    const isJoined = el.join && reads(top, el.join, input);
    if (starts && readers.length + (isJoined ? 1 : 0) > 1) {
      chain.els.splice(i, 0, own);
      return true;
    }
    for (const branch of el.fork) if (put(branch, starts || !readsAny(top, branch, chain.els[i - 1]))) return true;
    if (!isJoined) return false;
    if (empty) empty.els.push(own);
    else chain.els.splice(i, 0, starts ? own : { aside: { els: [own] } });
    return true;
  };
  if (!put(top.chain, true)) top.chain.els.unshift(own);
}

const startsWith = (chain, top, input) => {
  const [first] = chain.els;
  if (!first) return false;
  return first.box ? reads(top, first.box, input) : (first.fork ?? []).some((each) => startsWith(each, top, input));
};

const readsAny = (top, branch, before) => {
  const source = before && (before.box ?? before.join);
  return !source || startsWith(branch, top, source);
};

// An output stands behind what makes it: at the end of a chain, or beside it.
function placeOutput(top, output) {
  const sources = top.links.filter((link) => link.to === output), source = sources[0]?.from;
  const put = (chain, isMain) => chain.els.some((el, i) => {
    if ((el.box ?? el.join) === source) {
      const isLast = chain.els.slice(i + 1).every((each) => each.aside || each.box?.role);
      chain.els.splice(isLast && !(isMain && output.row.T) ? chain.els.length : i + 1, 0,
        isLast ? { box: output } : { aside: { els: [{ box: output }] } });
      return true;
    }
    return (el.fork ?? []).some((each) => put(each, false)) || (el.aside && put(el.aside, false));
  });
  // In a comparison both networks can give it.
  if (sources.length !== 1 || !put(top.chain, true)) top.chain.els.push({ box: output });
}

// The ports through which the main tensor of a scope comes in and goes out; -1 without one.
function mainIn(row) {
  if (row.mainIn === undefined) row.mainIn = row.y ? firstIn(row, row.y) : 0;
  return row.mainIn;
}

function firstIn(row, chain) {
  const [first] = chain;
  if (first === undefined) return -1;
  const into = (place) =>
    (row.e ?? []).find(([s, , t, , bits = 0]) => s === OUT && t === place && !(bits & BLIND))?.[1] ?? -1;
  if (typeof first === "number") return into(first);
  if (first[0] === "a") return Math.max(firstIn(row, first[1]), firstIn(row, chain.slice(1)));
  const found = first[1].map((each) => (each.length ? firstIn(row, each) : -1)).filter((port) => port >= 0);
  return found.length ? found[0] : first[2] >= 0 ? into(first[2]) : -1;
}

function mainOut(row) {
  if (row.mainOut === undefined) row.mainOut = row.y ? lastOut(row, row.y) : 0;
  return row.mainOut;
}

function lastOut(row, chain) {
  const last = chain.findLast((part) => typeof part === "number" || part[0] === "p");
  if (last === undefined) return -1;
  const from = (place) => (row.e ?? []).find(([s, , t]) => t === OUT && s === place)?.[3] ?? -1;
  if (typeof last === "number") return from(last);
  if (last[2] >= 0) return from(last[2]);
  return last[1].map((each) => lastOut(row, each)).find((port) => port >= 0) ?? -1;
}
