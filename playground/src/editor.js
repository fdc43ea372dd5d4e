// The editor: CodeMirror with mistakes, shapes behind lines, and completion.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, drawSelection, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { language } from "./language.js";
import { look } from "./editor-look.js";

class Shape extends WidgetType {
  constructor(text) {
    super();
    this.text = text;
  }
  eq(other) {
    return other.text === this.text;
  }
  toDOM() {
    const element = document.createElement("span");
    element.className = "cm-shape";
    element.textContent = this.text;
    return element;
  }
}

const setShapes = StateEffect.define();
const shapes = StateField.define({
  create: () => Decoration.none,
  update(shown, change) {
    for (const effect of change.effects) if (effect.is(setShapes)) return effect.value;
    return shown.map(change.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const line = (name, text) => {
  const element = document.createElement("div");
  element.className = name;
  element.textContent = text;
  return element;
};

// What is wrong, with what was expected and found, and a way out.
function message(found) {
  const element = document.createElement("div");
  element.className = "cm-said";
  element.append(line("cm-message", found.message));
  if (found.expected) element.append(line("cm-expected", `expected ${found.expected}`));
  if (found.found) element.append(line("cm-found", `found ${found.found}`));
  if (found.help) element.append(line("cm-help", found.help));
  element.append(line("cm-code", found.code));
  return element;
}

function underlined(found, length) {
  const at = (place) => Math.min(place, length);
  return {
    from: at(found.from), to: at(found.to), severity: found.severity === "error" ? "error" : "info", message: found.message,
    renderMessage: () => message(found),
    actions: found.fixes.map(({ title, edits }) => ({
      name: title,
      apply: (view) => view.dispatch({ changes: edits.map(([{ from, to }, insert]) => ({ from, to, insert })) }),
    })),
  };
}

// What comes first among words: those that the spec has next, what fits, names of the file.
const BOOST = [90, 40, 30, 0, -30];
const TYPES = { op: "function", join: "function", block: "class", network: "class", parameter: "property", label: "property", module: "namespace", initialisation: "constant", value: "constant", keyword: "keyword", function: "function" };
const option = ([label, kind, detail, info, order]) => ({
  label, type: TYPES[kind] ?? "variable", detail: detail.startsWith(label) ? detail.slice(label.length) : "", info: info || undefined,
  boost: (BOOST[+order[0]] ?? 0) - (order.length > 1 ? +order.slice(1) / 10 : 0),
});

// What a word under the pointer means: what completion says of it where it ends.
const meanings = (proposals) => hoverTooltip(async (view, at) => {
  const word = view.state.wordAt(at), text = word && view.state.sliceDoc(word.from, word.to);
  const found = text && (await proposals(word.to)).find(([label]) => label === text);
  if (!found?.[3] || view.state.sliceDoc(word.from, word.to) !== text) return null;
  const create = () => {
    const dom = line("cm-meaning", "");
    dom.append(line("cm-signature", found[2]), line("", found[3]));
    return { dom };
  };
  return { pos: word.from, end: word.to, create };
});

export class Editor {
  #isGiven = false;

  // `changed` is told of every change, `proposals` gives the words that may stand at a place.
  constructor(parent, { changed, proposals, format }) {
    const root = parent.attachShadow({ mode: "open" });
    const complete = async (context) => {
      const typed = context.matchBefore(/[A-Za-z_]\w*|@|[(,] ?/);
      if (!typed && !context.explicit) return null;
      const from = context.matchBefore(/[A-Za-z_]\w*/)?.from ?? context.pos;
      const items = await proposals(context.pos);
      return items.length && !context.aborted ? { from, options: items.map(option), validFor: /^\w*$/ } : null;
    };
    const watching = EditorView.updateListener.of((update) => update.docChanged && changed(this.#isGiven));
    this.view = new EditorView({
      parent: root, root,
      state: EditorState.create({
        extensions: [
          lineNumbers(), highlightActiveLineGutter(), highlightActiveLine(), history(), drawSelection(), bracketMatching(), closeBrackets(),
          indentUnit.of("    "), language, lintGutter(), search({ top: true }), highlightSelectionMatches(), shapes, look, watching,
          meanings(proposals),
          autocompletion({ override: [complete], icons: false }),
          EditorView.contentAttributes.of({ "aria-label": "Spec", spellcheck: "false", autocapitalize: "off" }),
          keymap.of([{ key: "Shift-Alt-f", run: () => (format(), true) }, ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        ],
      }),
    });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  // Another text, as a change that can be undone.
  put(text, isGiven = true) {
    this.#isGiven = isGiven;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true });
    this.#isGiven = false;
  }

  // The same text in another form: the cursor stays in its line.
  replace(text) {
    const { doc, selection } = this.view.state, here = doc.lineAt(selection.main.head);
    this.view.dispatch({ changes: { from: 0, to: doc.length, insert: text } });
    const now = this.view.state.doc.line(Math.min(here.number, this.view.state.doc.lines));
    this.view.dispatch({ selection: { anchor: Math.min(now.to, now.from + selection.main.head - here.from) } });
  }

  show({ diagnostics, hints }) {
    const { doc } = this.view.state;
    const marks = hints.map(({ at, text }) => Decoration.widget({ widget: new Shape(text), side: 1 }).range(doc.lineAt(at).to));
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics.map((each) => underlined(each, doc.length))));
    this.view.dispatch({ effects: setShapes.of(Decoration.set(marks, true)) });
  }

  select(from, to, isFocused = true) {
    this.view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    if (isFocused) this.view.focus();
  }

  // The offset of a column, from 1, in letters.
  offset(number, column) {
    const found = this.view.state.doc.line(Math.min(number, this.view.state.doc.lines));
    return found.from + [...found.text].slice(0, column - 1).join("").length;
  }
}
