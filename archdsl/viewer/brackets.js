// A network that goes down and up again, as U-Nets do: skips that are nested like brackets are level,
// between boxes on the left, down which tensors go, and boxes on the right, up which they go.

// The boxes between which skips go, from the outermost, if all other wires are on the right, as those to
// what is made of every size.
function findBrackets(plan, chain) {
  const place = (box) => (box.address?.length === 1 ? box.address[0][1] : NaN), pairs = [], others = [];
  const ends = plan.wires.map((link) => ({ link, from: place(link.from), to: place(link.to) })).sort((a, b) => a.from - b.from);
  for (const pair of ends) {
    const { link, from, to } = pair, outer = pairs.at(-1);
    const fits = link.from === chain.els[from]?.box && !link.isFromTop && from < to
      && (chain.els[to].fork ?? []).filter((branch) => branch.els.length).length < 2
      && (!outer || (outer.from < from && to < outer.to));
    (fits ? pairs : others).push(fits ? pair : link);
  }
  const turn = pairs.at(-1)?.to, isRight = (box) => box.address?.[0][1] >= turn;
  const isBeside = ({ from, fromPort, to, isFromTop }) => isRight(from) && isRight(to) && isFromTop && (!isScope(from) || mainOut(from.row) === fromPort);
  if (pairs.length < 2 || !others.every(isBeside)) return;
  Object.assign(chain, { pairs, others, turn, wires: chain.wires.filter(({ link }) => others.includes(link)) });
}

const goesUp = (chain, box) => chain.turn !== undefined && box !== OUT && box.address[0][1] >= chain.turn;

// Where a skip leaves a box on the left, and where it comes into one on the right, before this is turned over.
const leaves = (els, { link, from }) => els[from].dy + (comesBelow(link) ? link.from.bh + BELOW : portOut(link.from, link.fromPort));
const comes = (els, { link, to }) => {
  const { box, dy, joinY } = els[to];
  if (!box) return dy + joinY + JOIN / 2;
  return dy + (box.isOpen ? portIn(box, link.toPort) - BAND : box.bh - portIn(box, link.toPort));
};

// The rows of both sides are as far apart as the taller side needs.
function measureBrackets(chain) {
  const { els, pairs, turn } = chain, { from } = pairs.at(-1);
  const move = (first, end, by) => els.slice(first, end).forEach((el) => { el.dy += by; });
  for (let i = pairs.length - 1; i--; ) {
    const [outer, inner] = [pairs[i], pairs[i + 1]];
    const more = leaves(els, inner) - leaves(els, outer) - (comes(els, outer) - comes(els, inner));
    move(...(more > 0 ? [outer.to, els.length, more] : [inner.from, turn, -more]));
  }
  const level = leaves(els, pairs[0]) + comes(els, pairs[0]), last = els.at(-1), down = Math.max(0, last.dy + last.h - level);
  chain.columns = [0, ...(from + 1 < turn ? [from + 1] : []), turn].map((each) => ({ from: each, dy: each < turn ? -down : 0 }));
  chain.w = putColumns(chain, 0);
  chain.laneX = chain.w + 8;
  chain.w += lanesOf(chain);
  chain.over = level + down;
  chain.floor = Math.max(chain.over - els[turn].dy, els[turn - 1].dy + down + els[turn - 1].h) + GAP;
  chain.h = chain.floor + GAP;
}

function routeBrackets(plan, chain, each, add) {
  const begun = plan.lines.length;
  chain.els.slice(chain.turn).forEach(each);
  for (const link of chain.others) add(link, wirePoints(plan, link));
  const up = plan.lines.slice(begun), isUp = (box) => goesUp(chain, box);
  turnOver([...plan.box.kids, ...plan.box.ends].filter(isUp), up, chain.over);
  for (const line of up) {
    const from = line.link?.from;
    if (from && !isUp(from)) line.points = tidy([[outX(from), bottom(from)], [outX(from), chain.floor], [line.points[0][0], chain.floor], ...line.points]);
  }
  for (const { link } of chain.pairs) {
    const points = startOfWire(link, (box) => box.x + box.bw);
    add(link, [...points, [link.to.x, points.at(-1)[1]]]);
  }
}

// What was laid out downwards goes up.
function turnOver(boxes, lines, over) {
  for (const box of boxes) box.y = over - box.y - box.bh;
  for (const line of lines) {
    line.points = line.points.map(([x, y]) => [x, over - y]);
    if (line.label) line.label.y = over - line.label.y + 6;
  }
}
