// What is stopped in the playground, and what waits for its turn. Prints a line for every fault.
// usage: node stop_checks.mjs PYTHON.mjs, a copy of playground/src/python.js
const { Python, Stopped } = await import(process.argv[2]);
const workers = [];
globalThis.Worker = class {
  constructor() {
    workers.push(this);
    this.sent = [];
  }
  addEventListener(name, heard) {
    if (name === "message") this.says = (data) => heard({ data });
  }
  postMessage(message) {
    this.sent.push(message);
  }
  terminate() {}
};
const check = (isTrue, message) => isTrue || console.log(message);

const python = new Python(() => {});
workers[0].says({ isReady: true });
const words = python.ask({ kind: "complete" }).catch((error) => error), mistakes = python.ask({ kind: "check" });
python.stop();
check((await words) instanceof Stopped, "what is under way is not stopped");
workers[1].says({ isReady: true });
const [{ id, request }] = workers[1].sent;
check(JSON.parse(request).kind === "check", "what waits has no turn after a stop");
workers[1].says({ id, answer: "{}" });
await mistakes;
