// The viewer in its frame, which has no access to this page: both only send each other messages.
import { byId } from "./dom.js";

export class Frame {
  #ready;
  #svg = [];

  // `chosen` is told where the box that somebody selects stands in the spec.
  constructor(chosen) {
    this.#ready = new Promise((resolve) => {
      addEventListener("message", ({ source, data }) => {
        if (source !== byId("frame").contentWindow || !data) return;
        if (data.isReady) resolve();
        if (Array.isArray(data.site)) chosen(data.site);
        if (typeof data.svg === "string") this.#svg.splice(0).forEach((each) => each(data.svg));
      });
    });
    // The frame may have said that it is ready before anybody listened.
    byId("frame").src = "viewer.html";
  }

  async send(message) {
    await this.#ready;
    byId("frame").contentWindow.postMessage(message, "*");
  }

  svg() {
    return new Promise((resolve) => {
      this.#svg.push(resolve);
      this.send({ svg: true });
    });
  }
}
