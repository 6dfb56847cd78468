"use strict";
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

const scatter = {
  pair: null,
  get set() { return page.scatter[this.selects.data.value]; },

  start() {
    this.selects = Object.fromEntries(["data", "net", "readout", "taps", "pair"].map((name) => [name, document.getElementById(`scatter-${name}`)]));
    for (const one of page.scatter) {
      const bytes = Uint8Array.from(atob(one.distances), (letter) => letter.charCodeAt(0));
      one.values = new Float32Array(bytes.buffer);
    }
    fill(this.selects.data, page.scatter.map((one, place) => [place, one.name]));
    this.selects.data.closest("label").hidden = page.scatter.length < 2;
    this.selects.data.addEventListener("change", () => { this.pair = null; this.choose(); this.relabel(); });
    for (const name of ["net", "readout", "taps"]) this.selects[name].addEventListener("change", () => this.narrow(name));
    this.selects.pair.addEventListener("change", (event) => this.keep(event.target.value === "" ? null : Number(event.target.value)));
    this.choose();
  },

  /* The best row of the data set, and its pairs to choose from. */
  choose() {
    const { rows, best, pairs } = this.set;
    fill(this.selects.net, unique(rows.map((row) => row.net)));
    this.selects.net.value = rows[best].net;
    this.narrow("net", rows[best]);
    const names = pairs.opinion.map((_, place) => [place, title(pairs, place)]);
    fill(this.selects.pair, [["", "none"], ...names]);
  },

  /* Axes say what they show: ratings, or sensitivities. */
  relabel() {
    const { x, y } = page.specs.scatter.encoding, [across, up] = this.set.axes;
    if (x.title === across && y.title === up) return;
    [x.title, y.title] = this.set.axes;
    drawing = drawing.then(() => draw("scatter")).then(() => this.show());
  },

  /* Readouts of the net, then taps of the readout; what was chosen stays where there is such. */
  narrow(changed, wanted) {
    const { net, readout, taps } = this.selects;
    const asked = wanted || { readout: readout.value, taps: taps.value };
    let rows = this.set.rows.filter((row) => row.net === net.value);
    if (changed === "net") refill(readout, unique(rows.map((row) => row.readout)), asked.readout);
    rows = rows.filter((row) => row.readout === readout.value);
    if (changed !== "taps") {
      const strongest = rows.reduce((a, b) => ((b.srocc ?? -2) > (a.srocc ?? -2) ? b : a));
      const there = rows.some((row) => row.taps === asked.taps);
      refill(taps, rows.map((row) => [row.taps, row.taps || "whole image"]), there ? asked.taps : strongest.taps);
    }
    this.show();
  },

  get place() {
    const { net, readout, taps } = this.selects;
    return this.set.rows.findIndex((row) => row.net === net.value && row.readout === readout.value && row.taps === taps.value);
  },

  distance(pair) { return this.set.values[this.place * this.set.pairs.opinion.length + pair]; },

  points() {
    const { opinion, distortion } = this.set.pairs;
    return opinion.map((value, pair) => ({ pair, distance: this.distance(pair), opinion: value, distortion: distortion[pair] }))
      .filter((one) => Number.isFinite(one.distance));
  },

  show() {
    if (!views.scatter) return;
    const row = this.set.rows[this.place];
    const srocc = row.srocc === null ? "no correlation" : `SROCC ${row.srocc.toFixed(3)}`;
    const ends = row.srocc_low === null ? "" : ` [${row.srocc_low.toFixed(3)}, ${row.srocc_high.toFixed(3)}]`;
    document.getElementById("scatter-told").textContent = `${(row.taps ? [row.net, row.taps, row.readout] : [row.net]).join(" ")}: ${srocc}${ends}`;
    views.scatter.data("points", this.points());
    if (!views.scatter.listened) this.listen(views.scatter);
    this.keep(this.pair);
  },

  listen(view) {
    view.listened = true;
    view.addEventListener("mousemove", (event, item) => this.hover(event, item?.datum?.pair));
    view.addEventListener("mouseout", (event) => this.hover(event));
    view.addEventListener("click", (event, item) => { if (item?.datum?.pair !== undefined) this.keep(item.datum.pair); });
  },

  hover(event, pair) {
    const box = document.getElementById("hover");
    box.hidden = pair === undefined;
    if (box.hidden) return;
    if (box.dataset.pair !== String(pair)) { box.dataset.pair = pair; box.replaceChildren(...this.described(pair)); }
    const { clientX: x, clientY: y } = event, { offsetWidth: width, offsetHeight: height } = box;
    box.style.left = `${Math.max(4, x + 14 + width > innerWidth ? x - width - 14 : x + 14)}px`;
    box.style.top = `${Math.max(4, Math.min(y + 14, innerHeight - height - 4))}px`;
  },

  keep(pair) {
    this.pair = pair;
    this.selects.pair.value = pair === null ? "" : pair;
    views.scatter.signal("kept", pair ?? -1).runAsync();
    const panel = document.getElementById("kept");
    panel.dataset.pair = pair ?? "";
    panel.replaceChildren(...(pair === null ? [text("p", "Choose a pair, by a click on a point or from the list.")] : this.described(pair)));
  },

  described(pair) {
    const { pairs, images, shown, axes } = this.set, stimuli = !pairs.reference.length;
    const facts = [
      ["reference", pairs.reference[pair]], [stimuli ? "stimulus" : "distorted", pairs.distorted[pair]],
      [stimuli ? "kind" : "distortion", pairs.distortion[pair]], ["level", pairs.level[pair]],
      ["frequency", pairs.frequency[pair]], ["size", pairs.size[pair]], [axes[1], pairs.opinion[pair].toPrecision(4)],
      [axes[0], Number.isFinite(this.distance(pair)) ? this.distance(pair).toPrecision(4) : "none"],
    ].filter(([, value]) => value !== undefined && value !== "");
    const list = document.createElement("dl");
    list.className = "facts";
    list.append(...facts.flatMap(([name, value]) => [text("dt", name), text("dd", value)]));
    if (!(pair in shown)) return [list];
    const pictures = document.createElement("div");
    pictures.className = "pictures";
    const names = stimuli ? [["pattern, its contrast raised", pairs.distorted]] : [["reference", pairs.reference], ["distorted", pairs.distorted]];
    pictures.append(...shown[pair].map((place, k) => picture(images[place], names[k][0], names[k][1][pair])));
    return [pictures, list];
  },
};

function text(kind, words) {
  const found = document.createElement(kind);
  found.textContent = words;
  return found;
}

function picture(source, caption, name) {
  const figure = document.createElement("figure"), image = document.createElement("img");
  image.src = source;
  image.alt = `${caption}: ${name}`;
  figure.append(image, text("figcaption", caption));
  return figure;
}

function title(pairs, place) {
  return [pairs.distorted[place], pairs.distortion[place], pairs.level[place]].filter(Boolean).join(", ");
}

const unique = (values) => [...new Set(values)].map((value) => [value, value]);

function fill(select, options) {
  select.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
}

function refill(select, options, wanted) {
  fill(select, options);
  if (options.some(([value]) => value === wanted)) select.value = wanted;
}

if (page.scatter.length) scatter.start();
window.addEventListener("resize", () => {
  for (const [name, view] of Object.entries(views)) {
    if (isList(page.specs[name])) view.width(document.getElementById(`plot-${name}`).clientWidth).runAsync();
  }
});
dark.addEventListener("change", redraw);
narrow.addEventListener("change", redraw);
redraw();
