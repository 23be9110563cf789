// Free energies and occupancies of the phases over βn.

const chart = byId("chart"), CHART = {height: 200, left: 34, right: 10, top: 12, bottom: 26};
const DECADES = [1, 4]; // of βn in the picture, as powers of ten
const DASHES = ["none", "7 3", "2 3", "7 3 2 3", "1 4"]; // by σ
let phaseRows = null;

const faded = phi => 1 - 0.17 * phi;
const kgonOf = (model, id) => model.points.find(each => each.id === id);

/** A piece of line as the phase is drawn in the picture. */
function sample({k, sigma, phi}) {
  return draw("svg", {class: "sample", viewBox: "0 0 26 8", "aria-hidden": "true"}, draw("path", {
    d: "M1 4H25", stroke: colourOf(k), "stroke-dasharray": DASHES[sigma], "stroke-opacity": faded(phi),
  }));
}

function buildPhases(model, phases, width) {
  const rows = phases.map(phase => {
    const kgon = kgonOf(model, phase.id), energy = make("td", {class: "number"}), share = make("td", {class: "number"});
    const bar = make("span", {class: "bar", style: `--tint: ${colourOf(kgon.k)}`});
    const doubt = phase.error ? ` ± ${phase.error.toPrecision(1)}` : "";
    const row = make(
      "tr", {}, make("th", {scope: "row"}, sample(kgon), kgon.name),
      make("td", {class: "number wide"}, phase.loss.toFixed(5)), make("td", {class: "number"}, kgon.lambda ?? "–"),
      make("td", {class: "number wide", title: `constant${doubt}`}, fixed(phase.constant, 2)), energy,
      make("td", {class: "share"}, bar), share,
    );
    return {row, energy, share, bar};
  });
  byId("phases").replaceChildren(...rows.map(each => each.row));
  drawChart(model, phases, width);
  return {phases, width, rows};
}

const across = width => ({
  width, inner: width - CHART.left - CHART.right,
  x: power => CHART.left + (width - CHART.left - CHART.right) * (power - DECADES[0]) / (DECADES[1] - DECADES[0]),
});

function drawChart(model, phases, width) {
  const {x} = across(width), {top, bottom, height, left, right} = CHART;
  const y = share => height - bottom - share * (height - top - bottom);
  chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const frame = draw("g", {class: "frame"});
  for (const share of [0, 0.5, 1]) {
    frame.append(draw("path", {d: `M${left} ${y(share)}H${width - right}`}),
      draw("text", {x: left - 6, y: y(share) + 4, "text-anchor": "end"}, share === 0.5 ? "½" : String(share)));
  }
  for (let power = DECADES[0]; power <= DECADES[1]; power++) {
    frame.append(draw("path", {d: `M${x(power)} ${y(0)}v5`}), draw("text", {
      x: x(power), y: height - 6, "text-anchor": power === DECADES[1] ? "end" : "middle",
    }, String(10 ** power).replace("0000", "0 000")));
  }
  const powers = Array.from({length: 241}, (_, k) => DECADES[0] + (DECADES[1] - DECADES[0]) * k / 240);
  const shares = powers.map(power => occupancies(phases, 10 ** power));
  const curves = phases.map((phase, n) => {
    const {k, sigma, phi} = kgonOf(model, phase.id);
    return draw("polyline", {
      points: powers.map((power, m) => `${x(power).toFixed(1)},${y(shares[m][n]).toFixed(1)}`).join(" "),
      stroke: colourOf(k), "stroke-dasharray": DASHES[sigma], "stroke-opacity": faded(phi),
    });
  });
  const names = phases.flatMap((phase, n) => {
    const most = shares.reduce((best, share, m) => share[n] > shares[best][n] ? m : best, 0);
    if (shares[most][n] < 0.2) return [];
    const place = clamped(x(powers[most]), [left + 10, width - right - 12]);
    return [draw("text", {class: "name", x: place, y: y(shares[most][n]) + (shares[most][n] > 0.9 ? 16 : -5), "text-anchor": "middle"},
      kgonOf(model, phase.id).name)];
  });
  chart.replaceChildren(frame, draw("g", {class: "curves"}, ...curves), ...names,
    draw("path", {class: "now", d: `M0 ${top}V${height - bottom}`}));
}

views.push(({model, found}) => {
  const {phases, byStrength} = model.theories[state.theory], width = chart.clientWidth || 600;
  if (phaseRows?.phases !== phases || phaseRows.width !== width) phaseRows = buildPhases(model, phases, width);
  const energies = phases.map(phase => freeEnergy(phase, state.strength)), least = Math.min(...energies);
  occupancies(phases, state.strength).forEach((share, n) => {
    const {row, energy, share: cell, bar} = phaseRows.rows[n];
    energy.textContent = fixed(energies[n] - least, 2);
    cell.textContent = share < 0.0005 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`;
    bar.style.setProperty("--share", share);
    row.classList.toggle("lowest", energies[n] === least);
  });
  const power = Math.log10(state.strength);
  chart.querySelector(".now").setAttribute("transform", `translate(${across(width).x(clamped(power, DECADES))} 0)`);
  if (document.activeElement !== byId("strength")) byId("strength").value = Number(state.strength.toPrecision(5));
  byId("strength-slide").value = power;
  byId("strength-slide").setAttribute("aria-valuetext", state.strength.toPrecision(3));
  byId("theory").value = state.theory;
  for (const option of byId("theory").options) option.disabled = !model.theories[option.value];
  byId("formula").textContent = byStrength ? "Fₙ = βnL + λ log βn + C" : "Fₙ = nL + λ log n + ½‖w‖², β = 1";
  byId("lowest-energy").textContent = least.toFixed(2);
  byId("energy-here").textContent = (state.strength * found.loss).toFixed(2);
});

function takeStrength(value) {
  if (!Number.isFinite(value)) return;
  state.strength = clamped(Number(value.toPrecision(4)), LIMITS.strength);
  refresh();
}

byId("strength-slide").addEventListener("input", event => takeStrength(10 ** event.target.valueAsNumber));
byId("strength").addEventListener("input", event => takeStrength(event.target.valueAsNumber));
byId("theory").addEventListener("change", event => {
  state.theory = event.target.value;
  commit();
  refresh();
});
for (const id of ["strength-slide", "strength"]) byId(id).addEventListener("change", commit);
new ResizeObserver(refresh).observe(chart);
