// What is shown of a network: the table, the code and the mistakes.
import { byId, html } from "./dom.js";

export function showTable({ title, headings = [], rows, total, notes }) {
  if (!rows.length) return byId("table").replaceChildren(html("p", { class: "none" }, "There is no layer yet."));
  const line = (tag) => (cells) => html("tr", {}, ...cells.map((cell, i) => html(tag, headings[i][1] ? { class: "number" } : {}, cell)));
  const head = html("thead", {}, line("th")(headings.map(([text]) => text)));
  const foot = html("tfoot", {}, ...(total.length ? [line("td")(total)] : []));
  const table = html("table", {}, html("caption", {}, title), head, html("tbody", {}, ...rows.map(line("td"))), foot);
  byId("table").replaceChildren(table, ...notes.map((note) => html("p", { class: "about" }, note)));
}

export function showCode({ text, marks, refused }) {
  if (refused) {
    const lines = refused.map((each) => html("li", {}, each));
    return byId("code").replaceChildren(html("p", { class: "none" }, "There is code once the network has no mistake:"), html("ul", { class: "refused" }, ...lines));
  }
  const pre = html("pre", {}), letters = [...text];
  let from = 0;
  for (let i = 0; i < marks.length; i += 2) {
    const part = letters.slice(from, (from += marks[i])).join("");
    pre.append(marks[i + 1] ? html("span", { class: marks[i + 1] }, part) : part);
  }
  pre.append(letters.slice(from).join(""));
  byId("code").replaceChildren(pre);
}

export function showProblems(diagnostics, editor) {
  const list = byId("problems").firstElementChild, { doc } = editor.view.state;
  const row = (each) => {
    const button = html("button", { class: each.severity }, html("b", {}, each.message), html("small", {}, ` ${each.code} · line ${doc.lineAt(Math.min(each.from, doc.length)).number}`));
    const more = [each.expected && `expected ${each.expected}`, each.found && `found ${each.found}`, each.help].filter(Boolean).join(" · ");
    if (more) button.append(html("span", {}, more));
    button.addEventListener("click", () => editor.select(each.from, each.to));
    return html("li", {}, button);
  };
  list.replaceChildren(...diagnostics.map(row));
  byId("problems").hidden = !diagnostics.length;
}
