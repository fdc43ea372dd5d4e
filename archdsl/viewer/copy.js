// The figure as an SVG that every program shows alike: its letters are drawn by their outlines, which
// the page has as a table, with the text itself above them, invisible, to search and to select.

const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray"];
const UNITS = 1000; // The font's size in which outlines are given.

function copySvg() {
  const text = svgText();
  const isCopied = navigator.clipboard?.writeText(text) ?? Promise.reject();
  isCopied.then(() => note("copied as SVG"), () => save(text));
}

function save(text) {
  const link = html("a", { href: URL.createObjectURL(new Blob([text], { type: "image/svg+xml" })), download: `${view.scene.name}.svg` });
  link.click();
  note("saved as SVG");
}

function svgText() {
  const { top } = view, [w, h] = [at(top.w + 16), at(top.h + 16)];
  const svg = make("svg", { xmlns: SVG, width: `${w}pt`, height: `${h}pt`, viewBox: `-8 -8 ${w} ${h}`, "xmlns:xlink": "http://www.w3.org/1999/xlink" });
  svg.append(make("title", {}, view.scene.name), make("rect", { x: -8, y: -8, width: w, height: h, fill: colour("--paper") }));
  const used = make("defs");
  svg.append(used);
  copyInto(svg, byId("view").firstElementChild, used);
  return new XMLSerializer().serializeToString(svg);
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function copyInto(to, from, used) {
  for (const each of from.children) {
    if (each.tagName === "text") to.append(outlined(each, used));
    else if (each.tagName === "g") {
      const group = make("g");
      copyInto(group, each, used);
      to.append(group);
    } else {
      const one = each.cloneNode(false), style = getComputedStyle(each);
      one.removeAttribute("class");
      for (const name of KEPT) one.setAttribute(name, style[name.replace(/-./g, (m) => m[1].toUpperCase())]);
      to.append(one);
    }
  }
}

function outlined(text, used) {
  const anchor = text.getAttribute("text-anchor"), y = at(+text.getAttribute("y"));
  const runs = [...text.childNodes].map((node) => {
    const { fill, fontSize, fontWeight } = getComputedStyle(node.nodeType === 1 ? node : text), isBold = fontWeight > 500;
    const letters = [...node.textContent].map((letter) => glyphOf(letter, isBold, used)), size = parseFloat(fontSize);
    return { text: node.textContent, fill, isBold, letters, size, width: letters.reduce((sum, [width]) => sum + width, 0) * size };
  });
  const width = runs.reduce((sum, run) => sum + run.width, 0);
  let x = +text.getAttribute("x") - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
  const group = make("g");
  for (const run of runs) {
    const drawn = make("g", { fill: run.fill, transform: `translate(${at(x)} ${y})scale(${run.size / UNITS})` });
    let from = 0;
    for (const [letterWidth, id] of run.letters) {
      if (id) drawn.append(make("use", { "xlink:href": `#${id}`, x: Math.round(from) }));
      from += letterWidth * UNITS;
    }
    // A letter that the font lacks is text.
    const isWhole = run.letters.every(([, id]) => id !== undefined);
    if (isWhole) group.append(drawn);
    group.append(make("text", {
      x: at(x), y, fill: isWhole ? "none" : run.fill, "pointer-events": "all", "font-size": run.size,
      "font-weight": run.isBold ? 700 : 400, "font-family": "Fira Sans Condensed,Arial,sans-serif",
      textLength: at(run.width), lengthAdjust: "spacingAndGlyphs",
    }, run.text));
    x += run.width;
  }
  return group;
}

// The width of a letter where the font's size is 1, and the id of its outline, which is put among those used:
// empty for a space, and undefined for a letter that the page has no outline of.
function glyphOf(letter, isBold, used) {
  glyphs ??= JSON.parse(byId("glyphs").textContent);
  const [width, path] = glyphs[+isBold][letter] ?? [0.65], id = path && `${isBold ? "b" : "r"}${letter.codePointAt(0).toString(16)}`;
  if (id && ![...used.children].some((each) => each.id === id)) used.append(make("path", { id, d: path }));
  return [width, id];
}
let glyphs;
