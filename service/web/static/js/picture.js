// The drawn graph as an SVG file, and saving files.

import { IDENTIFIERS } from "/kinds.js";

const escape = (text) => String(text).replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter]);
const f = (value) => value.toFixed(1);

function nodeShape(node) {
  const { x, y } = node.position();
  const r = node.width() / 2;
  const fill = node.style("background-color");
  const border = Number.parseFloat(node.style("border-width")) > 0 ? ` stroke="${node.style("border-color")}" stroke-width="2.5"` : "";
  const paint = `fill="${fill}" fill-opacity="${node.style("background-opacity")}"${border}`;
  const points = IDENTIFIERS[node.data("kind")]?.points.map(([across, down]) => `${f(x + r * across)},${f(y + r * down)}`);
  if (points) return `<polygon points="${points.join(" ")}" ${paint}/>`;
  return `<circle cx="${f(x)}" cy="${f(y)}" r="${f(r)}" ${paint}/>`;
}

function nodeName(node) {
  const name = node.style("label");
  if (!name) return "";
  const { x, y } = node.position();
  const below = node.style("text-valign") === "bottom" ? node.height() / 2 + 11 : 4;
  return `<text x="${f(x)}" y="${f(y + below)}" text-anchor="middle" font-size="${Number.parseFloat(node.style("font-size"))}" fill="${node.style("color")}">${escape(name)}</text>`;
}

/** Elements as the text of an SVG file. */
export function svgOf(shown, title, background) {
  const box = shown.boundingBox();
  const view = [box.x1 - 20, box.y1 - 20, box.w + 40, box.h + 40].map(f).join(" ");
  const links = shown.edges().map((edge) => {
    const a = edge.source().position();
    const b = edge.target().position();
    return `<path d="M${f(a.x)} ${f(a.y)}L${f(b.x)} ${f(b.y)}" stroke="${edge.style("line-color")}" stroke-width="${Number.parseFloat(edge.style("width"))}" stroke-opacity="${edge.style("opacity")}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}" font-family="Inter, Arial, sans-serif"><title>${escape(title)}</title>
<rect x="${f(box.x1 - 20)}" y="${f(box.y1 - 20)}" width="${f(box.w + 40)}" height="${f(box.h + 40)}" fill="${background}"/>
${links.join("\n")}
${shown.nodes().map(nodeShape).join("\n")}
${shown.nodes().map(nodeName).join("\n")}
</svg>
`;
}

/** Saves a blob as a file on the reader's machine. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
