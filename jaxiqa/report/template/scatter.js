/* Distance against opinion, pair by pair, and the images of the pair that is pointed at. */
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
