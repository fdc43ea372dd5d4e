// Colours of a spec. Its words come from the language itself (`archdsl.highlighting.words`).
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const known = Object.fromEntries(Object.entries(WORDS).map(([kind, words]) => [kind, new Set(words)]));
const NUMBER = /^[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?/;

function word(stream, state) {
  const found = stream.match(/^[A-Za-z_]\w*/)[0], isDeclared = state.isDeclaring;
  state.isDeclaring = found === "block" || found === "network";
  if (isDeclared) return "typeName";
  if (known.declaring.has(found) || known.keywords.has(found) || known.operators.has(found)) return "keyword";
  if (known.constants.has(found)) return "atom";
  if (/^\s*:(?!:)/.test(stream.string.slice(stream.pos))) return "labelName";
  if (/^=(?!=)/.test(stream.string.slice(stream.pos))) return "propertyName";
  return known.builtins.has(found) ? "builtin" : "variableName";
}

const arch = StreamLanguage.define({
  name: "arch",
  startState: () => ({ isDeclaring: false }),
  languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", '"'] } },
  tokenTable: { builtin: tags.standard(tags.function(tags.variableName)) },
  token(stream, state) {
    if (stream.eatSpace()) return null;
    if (stream.peek() === "#") {
      stream.skipToEnd();
      return "comment";
    }
    if (/[A-Za-z_]/.test(stream.peek())) return word(stream, state);
    state.isDeclaring = false;
    if (stream.match(NUMBER)) return "number";
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^@(?:[A-Za-z_]\w*)?/)) return "labelName";
    if (stream.match(/^(?:->|\.\.\.|==|!=|<=|>=|\/\/|\*\*)/)) return "operator";
    stream.next();
    return null;
  },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--k)" },
  { tag: [tags.comment], color: "var(--c)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--s)" },
  { tag: [tags.number, tags.atom], color: "var(--m)" },
  { tag: [tags.typeName, tags.standard(tags.function(tags.variableName))], color: "var(--f)" },
  { tag: [tags.labelName, tags.propertyName], color: "var(--l)" },
]);

export const language = [arch, syntaxHighlighting(colours)];
