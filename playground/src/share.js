// A link that has the spec in it: `#s=` and the text, deflated, in base64 of addresses.

const through = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
const MOST_LETTERS = 2_000_000; // A short link can hold a very long text.

export async function packed(text, network) {
  const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  const coded = btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `#s=${coded}${network ? `&n=${encodeURIComponent(network)}` : ""}`;
}

// The text and network of a link; null for any other address.
export async function unpacked(hash) {
  const given = new URLSearchParams(hash.slice(1)), coded = given.get("s");
  if (!coded) return null;
  try {
    const letters = atob(coded.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (each) => each.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
    let text = "";
    for (let part; !(part = await reader.read()).done && text.length < MOST_LETTERS; ) text += part.value;
    return text.length < MOST_LETTERS ? { text, network: given.get("n") ?? "" } : null;
  } catch {
    return null;
  }
}
