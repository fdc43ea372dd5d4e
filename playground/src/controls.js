// Tabs, the menu of downloads, the splitter and the theme.
import { byId } from "./dom.js";

export function tabs(shown) {
  const all = [...byId("tabs").querySelectorAll("[role=tab]")];
  const go = (tab) => {
    for (const each of all) {
      const isOn = each === tab;
      each.setAttribute("aria-selected", String(isOn));
      each.tabIndex = isOn ? 0 : -1;
      byId(each.getAttribute("aria-controls")).hidden = !isOn;
    }
    document.documentElement.dataset.tab = tab.getAttribute("aria-controls");
    shown();
  };
  for (const tab of all) tab.addEventListener("click", () => go(tab));
  byId("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: all.length - 1 }[event.key], here = all.indexOf(event.target);
    if (!step || here < 0) return;
    const next = all[(here + step) % all.length];
    next.focus();
    go(next);
  });
}

export function menu(chosen) {
  const button = byId("download"), list = byId("downloads");
  const open = (isOpen) => {
    list.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) list.firstElementChild.focus();
  };
  button.addEventListener("click", () => open(list.hidden));
  list.addEventListener("click", (event) => {
    open(false);
    if (event.target.dataset.save) chosen(event.target.dataset.save);
  });
  addEventListener("pointerdown", (event) => event.target.closest(".menu") || open(false));
  list.parentElement.addEventListener("keydown", (event) => {
    const items = [...list.children], step = { ArrowDown: 1, ArrowUp: items.length - 1 }[event.key];
    if (event.key === "Escape" && !list.hidden) {
      open(false);
      button.focus();
    } else if (step && !list.hidden) {
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + step) % items.length].focus();
    }
  });
}

export function splitter() {
  const bar = byId("splitter"), main = document.querySelector("main");
  const put = (share) => main.style.setProperty("--share", `${Math.min(80, Math.max(20, share))}%`);
  const share = () => (100 * byId("left").getBoundingClientRect().width) / main.getBoundingClientRect().width;
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    main.classList.add("drag");
  });
  bar.addEventListener("pointermove", (event) => bar.hasPointerCapture(event.pointerId) && put((100 * event.clientX) / innerWidth));
  for (const name of ["pointerup", "pointercancel"]) bar.addEventListener(name, () => main.classList.remove("drag"));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (step) put(share() + step);
  });
}

// Dark or light, as the system has it until somebody chooses.
export function theme(told) {
  const put = (name) => {
    document.documentElement.dataset.theme = name;
    byId("theme").textContent = name === "dark" ? "Light" : "Dark";
    told(name);
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  put(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => put(dark.matches ? "dark" : "light"));
  byId("theme").addEventListener("click", () => put(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
}
