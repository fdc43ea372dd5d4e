// The worker from outside: requests wait for their turn, and one that takes too long ends it.

const MOST_SECONDS = 20;

export class Stopped extends Error {}

export class Python {
  #worker;
  #number = 0;
  #waiting = [];
  #current = null;
  #timer;
  #begun = 0;
  took = 0; // How many milliseconds the last answer took.

  // `says` is told what state it is in: loading, ready, busy, slow, stopped, failed.
  constructor(says) {
    this.says = says;
    this.#start();
  }

  // The answer to a request; rejects with `Stopped` if it was ended.
  ask(request) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#next();
    });
  }

  // End what is under way; what waits has its turn in another worker. The text is in the page, so nothing is
  // lost but time.
  stop() {
    this.#worker.terminate();
    clearTimeout(this.#timer);
    const ended = this.#current;
    this.#current = null;
    this.#start();
    ended?.reject(new Stopped("stopped"));
  }

  #start() {
    this.isReady = false;
    this.says("loading");
    this.#worker = new Worker("worker.js", { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => this.#heard(data));
    this.#worker.addEventListener("error", (event) => this.says("failed", event.message || "the worker cannot be loaded"));
  }

  #heard({ id, answer, failed, isReady, isBroken }) {
    if (isReady) {
      this.isReady = true;
      this.says("ready");
      return this.#next();
    }
    if (id === undefined) return this.says("failed", failed);
    if (id !== this.#number) return;
    if (isBroken) return this.stop();
    clearTimeout(this.#timer);
    this.took = performance.now() - this.#begun;
    const { resolve, reject } = this.#current;
    this.#current = null;
    this.says("ready");
    if (answer === undefined) reject(new Error(failed));
    else resolve(JSON.parse(answer));
    this.#next();
  }

  #next() {
    if (!this.isReady || this.#current || !this.#waiting.length) return;
    this.#current = this.#waiting.shift();
    this.says("busy");
    this.#begun = performance.now();
    this.#worker.postMessage({ id: ++this.#number, request: JSON.stringify(this.#current.request) });
    this.#timer = setTimeout(() => {
      this.says("slow");
      this.#timer = setTimeout(() => this.stop(), (MOST_SECONDS - 2) * 1000);
    }, 2000);
  }
}
