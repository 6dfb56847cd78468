/* Starts the page, and draws it again when its width or its paper changes. */
if (page.scatter.length) scatter.start();
window.addEventListener("resize", () => {
  for (const [name, view] of Object.entries(views)) {
    if (isList(page.specs[name])) view.width(document.getElementById(`plot-${name}`).clientWidth).runAsync();
  }
});
dark.addEventListener("change", redraw);
narrow.addEventListener("change", redraw);
redraw();
