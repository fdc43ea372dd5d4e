// Compiles packages to the byte code of Pyodide's Python: `node bake.mjs SOURCES.tar PACKAGES.tar`.
// The browser would do it at every visit.
import { readFile, writeFile } from "node:fs/promises";
import { loadPyodide } from "pyodide";

const COMPILE = `
import tarfile
from compileall import compile_dir
from pathlib import Path
from py_compile import PycInvalidationMode

def plain(entry):
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry

# Docstrings are read by archdsl's manual, but nobody reads those of others here.
for folder in sorted(Path("/sources").iterdir()):
    level = 0 if folder.name == "archdsl" else 2
    mode = PycInvalidationMode.UNCHECKED_HASH
    if not compile_dir(folder, quiet=1, legacy=True, optimize=level, invalidation_mode=mode, stripdir="/sources"):
        raise SystemExit(f"{folder.name} does not compile")
with tarfile.open("/packages.tar", "w", format=tarfile.USTAR_FORMAT) as packages:
    for file in sorted(Path("/sources").rglob("*")):
        if file.is_file() and file.suffix != ".py":
            packages.add(file, file.relative_to("/sources"), filter=plain)
`;

const [sources, packages] = process.argv.slice(2);
const python = await loadPyodide();
python.unpackArchive(new Uint8Array(await readFile(sources)).buffer, "tar", { extractDir: "/sources" });
python.runPython(COMPILE);
await writeFile(packages, python.FS.readFile("/packages.tar"));
