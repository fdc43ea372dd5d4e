// The examples: every network that ships.
import { byId, html } from "./dom.js";

const count = (number) => (typeof number !== "number" ? number : Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 }).format(number));

export function chooser(examples, chosen) {
  const dialog = byId("chooser"), [field, none, list] = dialog.children, button = byId("examples");
  let shown = [], place = 0;
  const mark = () => [...list.children].forEach((item, i) => {
    item.setAttribute("aria-selected", String(i === place));
    if (i === place) item.scrollIntoView({ block: "nearest" });
  });
  const fill = () => {
    const text = field.value.trim().toLowerCase(), words = text.split(/\s+/);
    const rank = ({ name }) => [name === text, name.startsWith(text), name.includes(text), true].indexOf(true);
    shown = examples.filter((each) => words.every((word) => `${each.name} ${each.file} ${each.about}`.toLowerCase().includes(word)));
    if (text) shown.sort((a, b) => rank(a) - rank(b));
    place = 0;
    none.textContent = examples.length ? "No network has these words." : "The examples cannot be loaded.";
    none.hidden = shown.length > 0;
    list.replaceChildren(...shown.map((each) => html("li", { role: "option" }, html("b", {}, each.name), html("small", {}, ` ${each.file} · ${each.input} · ${count(each.params)} parameters`), html("span", {}, each.about))));
    mark();
  };
  const take = (i) => {
    dialog.close();
    if (shown[i]) chosen(shown[i]);
  };
  button.addEventListener("click", () => {
    field.value = "";
    dialog.showModal();
    button.setAttribute("aria-expanded", "true");
    fill();
  });
  dialog.addEventListener("close", () => button.setAttribute("aria-expanded", "false"));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  field.addEventListener("input", fill);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      place = (place + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % (shown.length || 1);
      mark();
    } else if (event.key === "Enter") take(place);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) take([...list.children].indexOf(item));
  });
}
