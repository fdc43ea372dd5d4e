// The viewer in its frame, which has no access to this page: both only send each other messages.
import { byId } from "./dom.js";

const PATIENCE = 5000; // Milliseconds from the last byte of the viewer until it must have begun.

export class Frame {
  #ready;
  #svg = [];

  // `chosen` is told where the box that somebody selects stands in the spec.
  constructor(chosen) {
    this.#ready = new Promise((resolve) => {
      byId("frame").addEventListener("load", () => setTimeout(resolve, PATIENCE, false));
      addEventListener("message", ({ source, data }) => {
        if (source !== byId("frame").contentWindow || !data) return;
        if (data.isReady) resolve(true);
        if (Array.isArray(data.site)) chosen(data.site);
        if (typeof data.svg === "string") this.#svg.splice(0).forEach((each) => each(data.svg));
      });
    });
    // The frame may have said that it is ready before anybody listened.
    byId("frame").src = "viewer.html";
  }

  // Whether there is a viewer that the message goes to.
  async send(message) {
    const isReady = await this.#ready;
    if (isReady) byId("frame").contentWindow.postMessage(message, "*");
    return isReady;
  }

  // The figure as a file; nothing without a viewer.
  async svg() {
    return (await this.send({ svg: true })) && new Promise((resolve) => this.#svg.push(resolve));
  }
}
