/* Parts of the document made from words and pairs; nothing here reads what the page holds. */
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
