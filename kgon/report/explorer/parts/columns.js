// The table of columns: every number of the point, to be typed or slid, and the slope beside it.

let rows = [];

function field(kind, j, label, read) {
  const whole = {type: "number", step: 0.01, id: `${kind}-${j}`, "aria-label": `${label} of column ${j}`, inputmode: "decimal"};
  const input = make("input", {
    ...whole, min: kind === "b" ? LIMITS.b[0] : LIMITS.W[0], max: kind === "b" ? LIMITS.b[1] : LIMITS.W[1],
    oninput: () => typed(input, j, kind),
    onchange: commit, onblur: refresh, onfocus: () => choose(j),
  });
  return {input, read};
}

function typed(input, j, kind) {
  const x = input.valueAsNumber;
  if (!Number.isFinite(x)) return;
  clearTrail();
  move(({W, b}) => {
    if (kind === "x") W[0][j] = clamped(x, LIMITS.W);
    else if (kind === "y") W[1][j] = clamped(x, LIMITS.W);
    else b[j] = clamped(x, LIMITS.b);
  });
}

function buildRow(j) {
  const fields = [
    field("x", j, "x", () => state.point.W[0][j]),
    field("y", j, "y", () => state.point.W[1][j]),
    field("b", j, "bias", () => state.point.b[j]),
  ];
  const slider = make("input", {
    type: "range", min: -2, max: 1, step: 0.01, id: `slide-${j}`, "aria-label": `bias of column ${j}, slider`,
    oninput: () => typed(slider, j, "b"), onchange: commit, onfocus: () => choose(j),
  });
  fields.push({input: slider, read: () => state.point.b[j]});
  const cell = each => make("td", {}, each.input);
  const length = make("td", {class: "number wide"}), slope = make("td", {class: "number wide"});
  const row = make(
    "tr", {}, make("th", {scope: "row"}, String(j)), ...fields.slice(0, 2).map(cell), length,
    make("td", {class: "bias"}, slider, fields[2].input), slope,
  );
  return {row, fields, length, slope};
}

views.push(({model, found}) => {
  if (rows.length !== model.c) {
    rows = Array.from({length: model.c}, (_, j) => buildRow(j));
    byId("columns").replaceChildren(...rows.map(each => each.row));
  }
  rows.forEach(({row, fields, length, slope}, j) => {
    row.classList.toggle("chosen", j === chosen);
    for (const {input, read} of fields) {
      if (input !== document.activeElement || input.type === "range") input.value = read().toFixed(3);
    }
    length.textContent = Math.hypot(state.point.W[0][j], state.point.W[1][j]).toFixed(3);
    slope.textContent = small(Math.hypot(found.W[0][j], found.W[1][j], found.b[j]));
  });
});
