// Times a check in Pyodide: `node in_pyodide.mjs PYODIDE ARCHIVE SPEC TIMES` prints, as JSON, the
// seconds of every step: those on the clock, and those of CPU time in all threads.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const CHECK = `
import archdsl
found = archdsl.check(text=text, name="spec.arch")
assert not any(each.severity == "error" for each in found), found
`;

async function timed(name, work) {
  const [before, start] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const [used, end] = [process.cpuUsage(before), performance.now()];
  steps.push({ name, elapsed: (end - start) / 1e3, cpu: (used.user + used.system) / 1e6 });
  return result;
}

async function main(modulePath, archive, spec, times) {
  const { loadPyodide } = await import(pathToFileURL(modulePath));
  const packages = new Uint8Array(await readFile(archive)).buffer;
  const pyodide = await timed("load", () => loadPyodide());
  await timed("unpack", () => pyodide.unpackArchive(packages, "zip", { extractDir: "/packages" }));
  pyodide.runPython("import sys; sys.path.insert(0, '/packages')");
  pyodide.globals.set("text", await readFile(spec, "utf-8"));
  await timed("first check", () => pyodide.runPython(CHECK));
  for (let count = 0; count < Number(times); count++)
    await timed("warm check", () => pyodide.runPython(CHECK));
}

const steps = [];
try {
  await main(...process.argv.slice(2));
  console.log(JSON.stringify(steps));
} catch (error) {
  // Without the stack: its first line would be all of Pyodide's code.
  console.error(error.message);
  process.exitCode = 1;
}
