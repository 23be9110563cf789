// The same in Python: what computes the numbers that are shown.

const written = row => `[${row.map(x => String(x)).join(", ")}]`;

function pythonOf({model, found, near}) {
  const importance = state.importance === 1 ? "" : `, importance=${written(importances(model.c, state.importance))}`;
  const kgon = model.points.find(each => each.id === state.at);
  const point = kgon
    ? [`point = kgon.Catalogue(${model.c})["${kgon.id}"]`, "W, b = point.W, point.biases"]
    : [`W = [${state.point.W.map(written).join(",\n     ")}]`, `b = ${written(state.point.b)}`];
  return [
    "import kgon", "", ...point, `potential = kgon.Potential(kgon.TMS(${model.c}${importance}))`,
    `print(potential.loss(W, b))  # ${found.loss.toPrecision(12)}`,
    `print(potential.gradient_norm(W, b))  # ${norm(found).toPrecision(3)}`,
    "nearest = kgon.nearest(W, b)",
    `print(nearest.label, nearest.distance)  # ${near.id} ${near.distance.toPrecision(3)}`,
    `print(kgon.free_energy.occupancy([${state.strength}], ${model.c}, theory="${state.theory}"))`, "",
  ].join("\n");
}

views.push(shown => {
  byId("python").textContent = pythonOf(shown);
});

/** Copy a text, or select it where the browser does not let pages copy. */
async function copy(text, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    const area = make("textarea", {class: "unseen"});
    area.value = text;
    document.body.append(area);
    area.select();
    button.textContent = document.execCommand("copy") ? "Copied" : "Not copied: select it";
    area.remove();
    button.focus();
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}

byId("copy-python").addEventListener("click", event => copy(byId("python").textContent, event.target));
byId("copy-link").addEventListener("click", event => {
  commit();
  copy(location.href, event.target);
});
