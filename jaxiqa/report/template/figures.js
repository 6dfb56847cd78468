"use strict";
/* What the page holds, and its figures, drawn for the width and the paper at hand. */
const page = JSON.parse(document.getElementById("page-data").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const narrow = window.matchMedia("(max-width: 40rem)");
const views = {};

/* As many columns as the longest name of a legend leaves room for. */
function columns(spec, width) {
  const domains = (spec.layer || [spec]).flatMap(({ encoding: { color, shape, strokeDash } }) => [color, shape, strokeDash].map((one) => one?.scale?.domain || []));
  const longest = Math.max(0, ...domains.flat().map((name) => Math.min(260, 7 * name.length)));
  return Math.max(1, Math.min(4, Math.floor(width / (longest + 45))));
}

function config(spec, width) {
  const found = structuredClone(page.themes[dark.matches ? "dark" : "light"]);
  found.legend.columns = columns(spec, width);
  if (narrow.matches) {
    Object.assign(found.axis, { labelLimit: 165, labelFontSize: 10 });
    Object.assign(found.legend, { gradientLength: 110, labelLimit: 300 });
  }
  found.axisX = { tickCount: narrow.matches ? 4 : 8, labelOverlap: true };
  return found;
}

/* A copy, its deep colours lighter on dark paper. */
function tinted(spec) {
  let text = JSON.stringify(spec);
  if (dark.matches) for (const [deep, light] of Object.entries(page.brighter)) text = text.replaceAll(deep, light);
  return JSON.parse(text);
}

const isList = (spec) => typeof spec.height === "object";

/* On a phone the names of a list stand above their rows, as beside them there is no room. */
function namesAbove(spec) {
  for (const layer of spec.layer) if (!layer.encoding.y) layer.mark.opacity = 0.3;
  for (const { encoding } of spec.layer) if (encoding.y) encoding.y.axis = { labels: false, ticks: false, domain: false };
  const last = spec.layer.at(-1), { y } = last.encoding;
  const mark = { type: "text", align: "left", dy: -13, fontSize: 11, color: dark.matches ? "#e6e9ec" : "#1b1f24" };
  spec.layer.push({ ...last, name: undefined, params: undefined, mark, encoding: { x: { value: 0 }, y, text: { field: y.field } } });
  spec.height = { step: 36 };
}

async function draw(name) {
  const place = document.getElementById(`plot-${name}`);
  const spec = tinted(page.specs[name]);
  // Legends, and lists with their rows, grow downwards: the plot itself keeps its height.
  const list = isList(spec), fitting = { type: "fit-x", contains: "padding" };
  if (list && narrow.matches && spec.layer) namesAbove(spec);
  if (list) spec.width = place.clientWidth;
  else spec.autosize = fitting;
  const kept = views[name] ? settings(views[name]) : {};
  for (const param of spec.params || []) if (param.name in kept) param.value = kept[param.name];
  const options = {
    config: config(spec, place.clientWidth), renderer: "svg", bind: `#controls-${name}`,
    actions: list ? false : { export: { svg: true, png: true }, source: false, compiled: false, editor: false },
    downloadFileName: `jaxiqa-${name}`, patch: (vega) => Object.assign(vega, { autosize: fitting }),
  };
  document.getElementById(`controls-${name}`).replaceChildren();
  if (views[name]) views[name].finalize();
  const result = await window.vegaEmbed(place, spec, options);
  views[name] = result.view;
  place.dataset.drawn = "yes";
}

/* What is chosen outlives a change between light and dark. */
function settings(view) {
  const found = {};
  for (const param of page.specs[view.figure]?.params || []) found[param.name] = view.signal(param.name);
  return found;
}

async function drawAll() {
  for (const name of Object.keys(page.specs)) {
    await draw(name);
    views[name].figure = name;
  }
  if (page.scatter.length) scatter.show();
  document.body.dataset.ready = "yes";
}

/* One change of theme or width at a time. */
let drawing = Promise.resolve();
const redraw = () => { drawing = drawing.then(drawAll); };
