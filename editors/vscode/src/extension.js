// The client of `archdsl lsp`, a panel with a network to look into, and commands in a terminal.

const { execFile } = require("node:child_process");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;
let panel;

function command() {
  return vscode.workspace.getConfiguration("archdsl").get("command", ["archdsl"]);
}

async function activate(context) {
  const [program, ...given] = command();
  const server = { command: program, args: [...given, "lsp"] };
  client = new LanguageClient("archdsl", "archdsl", server, {
    documentSelector: [{ language: "arch" }],
  });
  context.subscriptions.push(
    vscode.commands.registerCommand("archdsl.preview", preview),
    vscode.commands.registerCommand("archdsl.compile", () => inTerminal("compile", false)),
    vscode.commands.registerCommand("archdsl.summary", () => inTerminal("summary", true)),
    vscode.workspace.onDidSaveTextDocument((document) => {
      if (panel && document.languageId === "arch") preview();
    }),
  );
  await client.start().catch((error) => {
    const why = `archdsl cannot be started (${error?.message ?? error}): say how in the setting archdsl.command`;
    vscode.window.showErrorMessage(why);
  });
}

function deactivate() {
  return client?.stop();
}

/** The file in the editor, and the network that its cursor is in or behind. */
function current() {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (editor?.document.languageId !== "arch") return undefined;
  const before = new vscode.Range(0, 0, editor.selection.active.line + 1, 0);
  const found = [...editor.document.getText(before).matchAll(/^network\s+(\w+)/gm)];
  const first = /^network\s+(\w+)/m.exec(editor.document.getText());
  return { file: editor.document.fileName, network: (found.at(-1) ?? first)?.[1] };
}

function preview() {
  const here = current();
  if (!here?.network) return;
  panel ??= opened();
  const [program, ...given] = command();
  const asked = [...given, "draw", `${here.file}:${here.network}`, "-o", "-", "--format", "html"];
  const options = { cwd: path.dirname(here.file), maxBuffer: 2 ** 26 };
  execFile(program, asked, options, (error, page, said) => {
    if (!panel) return;
    panel.title = here.network;
    panel.webview.html = error ? `<pre>${escaped(said || error.message)}</pre>` : page;
  });
}

/** A panel for pages, which have all that they need in them and may load nothing. */
function opened() {
  const options = { enableScripts: true, localResourceRoots: [] };
  const made = vscode.window.createWebviewPanel("archdsl", "archdsl", vscode.ViewColumn.Beside, options);
  made.onDidDispose(() => (panel = undefined));
  return made;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** A command on the file, in a process of its own: nothing of its name is read by a shell. */
function inTerminal(verb, isOfNetwork) {
  const here = current();
  if (!here) return;
  const [program, ...given] = command();
  const file = isOfNetwork && here.network ? `${here.file}:${here.network}` : here.file;
  const execution = new vscode.ProcessExecution(program, [...given, verb, file], {
    cwd: path.dirname(here.file),
  });
  const task = new vscode.Task({ type: "process" }, vscode.TaskScope.Workspace, verb, "archdsl", execution);
  vscode.tasks.executeTask(task);
}

module.exports = { activate, deactivate };
