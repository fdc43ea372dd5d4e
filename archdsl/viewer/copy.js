// The figure as an SVG that every program shows alike: its letters are outlines from the font of the
// page, with the text itself above them, invisible, to search and to select.

const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray"];

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
  const svg = make("svg", { xmlns: SVG, width: `${w}pt`, height: `${h}pt`, viewBox: `-8 -8 ${w} ${h}` });
  svg.append(make("title", {}, view.scene.name), make("rect", { x: -8, y: -8, width: w, height: h, fill: colour("--paper") }));
  copyInto(svg, byId("view").firstElementChild);
  return new XMLSerializer().serializeToString(svg);
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function copyInto(to, from) {
  for (const each of from.children) {
    if (each.tagName === "text") to.append(outlined(each));
    else if (each.tagName === "g") {
      const group = make("g");
      copyInto(group, each);
      to.append(group);
    } else {
      const one = each.cloneNode(false), style = getComputedStyle(each);
      one.removeAttribute("class");
      for (const name of KEPT) one.setAttribute(name, style[name.replace(/-./g, (m) => m[1].toUpperCase())]);
      to.append(one);
    }
  }
}

function outlined(text) {
  const anchor = text.getAttribute("text-anchor"), y = +text.getAttribute("y");
  const runs = [...text.childNodes].map((node) => {
    const style = getComputedStyle(node.nodeType === 1 ? node : text), isBold = +style.fontWeight > 500;
    const font = fontOf(isBold), size = parseFloat(style.fontSize);
    return { text: node.textContent, fill: style.fill, font, size, isBold, width: (font.width(node.textContent) * size) / font.units };
  });
  const width = runs.reduce((sum, run) => sum + run.width, 0);
  let x = +text.getAttribute("x") - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
  const group = make("g");
  for (const run of runs) {
    const scale = run.size / run.font.units, shown = run.font.path(run.text);
    if (shown) group.append(make("path", { fill: run.fill, transform: `translate(${at(x)} ${at(y)}) scale(${scale.toFixed(5)} ${(-scale).toFixed(5)})`, d: shown }));
    group.append(make("text", {
      x: at(x), y: at(y), fill: shown ? "none" : run.fill, "pointer-events": "all", "font-size": run.size,
      "font-weight": run.isBold ? 700 : 400, "font-family": "Fira Sans Condensed,Arial,sans-serif",
      textLength: at(run.width), lengthAdjust: "spacingAndGlyphs",
    }, run.text));
    x += run.width;
  }
  return group;
}

const fonts = new Map();
function fontOf(isBold) {
  if (!fonts.has(isBold)) fonts.set(isBold, readFont(fontData(isBold)));
  return fonts.get(isBold);
}

// The bytes of a font that the page carries.
function fontData(isBold) {
  const rule = [...document.styleSheets[0].cssRules].filter((each) => each instanceof CSSFontFaceRule)[isBold ? 1 : 0];
  const [, data] = rule.style.getPropertyValue("src").match(/base64,([^")]+)/);
  return Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer;
}

// A TrueType font: widths and outlines of its letters (OpenType specification: cmap 4, hmtx, glyf).
function readFont(buffer) {
  const data = new DataView(buffer), tables = {};
  for (let i = 0; i < data.getUint16(4); i++) {
    const at = 12 + 16 * i;
    tables[String.fromCharCode(...new Uint8Array(buffer, at, 4))] = data.getUint32(at + 8);
  }
  const isLong = data.getInt16(tables.head + 50), metrics = data.getUint16(tables.hhea + 34), letters = readLetters(data, tables.cmap);
  const start = (glyph) => tables.glyf + (isLong ? data.getUint32(tables.loca + 4 * glyph) : 2 * data.getUint16(tables.loca + 2 * glyph));
  const advance = (glyph) => data.getUint16(tables.hmtx + 4 * Math.min(glyph, metrics - 1));
  const glyphs = (text) => [...text].map((letter) => letters.get(letter.codePointAt(0)) ?? 0);
  return {
    units: data.getUint16(tables.head + 18),
    width: (text) => glyphs(text).reduce((sum, glyph) => sum + advance(glyph), 0),
    path(text) {
      let x = 0, d = "";
      for (const glyph of glyphs(text)) {
        if (!glyph) return "";
        d += outline(data, glyph, start, x, 0);
        x += advance(glyph);
      }
      return d;
    },
  };
}

function readLetters(data, cmap) {
  const letters = new Map();
  for (let i = 0; i < data.getUint16(cmap + 2); i++) {
    const table = cmap + data.getUint32(cmap + 8 + 8 * i);
    if (data.getUint16(table) !== 4) continue;
    const count = data.getUint16(table + 6);
    for (let k = 0; k < count; k += 2) {
      const ends = table + 14 + k, starts = ends + count + 2, deltas = starts + count, offsets = deltas + count;
      const offset = data.getUint16(offsets);
      for (let code = data.getUint16(starts); code <= data.getUint16(ends) && code < 0xffff; code++) {
        const found = offset ? data.getUint16(offsets + offset + 2 * (code - data.getUint16(starts))) : code;
        if (found) letters.set(code, (found + data.getInt16(deltas)) & 0xffff);
      }
    }
  }
  return letters;
}

function outline(data, glyph, start, dx, dy) {
  const from = start(glyph);
  if (from === start(glyph + 1)) return "";
  const contours = data.getInt16(from);
  return contours < 0 ? composite(data, from + 10, start, dx, dy) : simple(data, from, contours, dx, dy);
}

function composite(data, at, start, dx, dy) {
  let d = "", flags;
  do {
    flags = data.getUint16(at);
    const glyph = data.getUint16(at + 2), isWords = flags & 1;
    const [x, y] = isWords ? [data.getInt16(at + 4), data.getInt16(at + 6)] : [data.getInt8(at + 4), data.getInt8(at + 5)];
    d += outline(data, glyph, start, dx + x, dy + y);
    at += 4 + (isWords ? 4 : 2) + (flags & 8 ? 2 : flags & 64 ? 4 : flags & 128 ? 8 : 0);
  } while (flags & 32);
  return d;
}

function simple(data, from, contours, dx, dy) {
  const ends = Array.from({ length: contours }, (_, i) => data.getUint16(from + 10 + 2 * i)), count = ends.at(-1) + 1;
  let at = from + 10 + 2 * contours;
  at += 2 + data.getUint16(at);
  const flags = [];
  while (flags.length < count) {
    const flag = data.getUint8(at++);
    flags.push(flag);
    if (flag & 8) for (let times = data.getUint8(at++); times--; ) flags.push(flag);
  }
  const axis = (short, same, origin) => {
    let value = origin;
    return flags.map((flag) => {
      if (flag & short) value += flag & same ? data.getUint8(at++) : -data.getUint8(at++);
      else if (!(flag & same)) { value += data.getInt16(at); at += 2; }
      return value;
    });
  };
  const xs = axis(2, 16, dx), ys = axis(4, 32, dy);
  let first = 0, d = "";
  for (const end of ends) {
    d += contour(flags, xs, ys, first, end);
    first = end + 1;
  }
  return d;
}

// Quadratic curves: between two points off the curve there is one on it, in their middle.
function contour(flags, xs, ys, first, end) {
  const points = [];
  for (let i = first; i <= end; i++) points.push([xs[i], ys[i], flags[i] & 1]);
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, 1];
  const on = points.findIndex((point) => point[2]);
  const ordered = on < 0 ? [middle(points[0], points.at(-1)), ...points] : [...points.slice(on), ...points.slice(0, on)];
  let d = `M${ordered[0][0]} ${ordered[0][1]}`;
  for (let i = 1; i <= ordered.length; i++) {
    const point = ordered[i % ordered.length];
    if (point[2]) { if (i < ordered.length) d += `L${point[0]} ${point[1]}`; continue; }
    const next = ordered[(i + 1) % ordered.length], to = next[2] ? next : middle(point, next);
    d += `Q${point[0]} ${point[1]} ${to[0]} ${to[1]}`;
    if (next[2]) i++;
  }
  return `${d}z`;
}
