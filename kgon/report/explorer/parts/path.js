// The ways over the saddles: the point moves along the path of least climb from one k-gon to another.

const profile = byId("profile"), PROFILE = {height: 90, margin: 12};
let way = null; // the saddle whose path is shown
let profileOf = null;

function lengthsOf({W, b}) {
  let total = 0;
  return b.map((biases, k) => {
    if (k > 0) {
      const gaps = [...W[k].flat().map((x, n) => x - W[k - 1].flat()[n]), ...biases.map((x, n) => x - b[k - 1][n])];
      total += Math.hypot(...gaps);
    }
    return total;
  });
}

function drawProfile(saddle, width, importance) {
  const {path} = saddle, arc = lengthsOf(path), {height, margin} = PROFILE;
  const losses = path.b.map((b, k) => evaluate({W: path.W[k], b}, importance).loss);
  const low = Math.min(...losses), high = Math.max(...losses);
  const x = k => margin + (width - 2 * margin) * arc[k] / arc.at(-1);
  const y = k => height - margin - (height - 2 * margin) * (losses[k] - low) / (high - low || 1);
  profile.setAttribute("viewBox", `0 0 ${width} ${height}`);
  profile.replaceChildren(
    draw("polyline", {points: losses.map((_, k) => `${x(k).toFixed(1)},${y(k).toFixed(1)}`).join(" ")}),
    draw("path", {class: "top", d: `M${x(path.top)} ${y(path.top) - 6}l6 6l-6 6l-6 -6z`}),
    draw("circle", {class: "now", r: 5}),
  );
  return {saddle, width, last: importance.at(-1), x, y};
}

views.push(({model, importance}) => {
  const section = byId("ways");
  section.hidden = model.saddles.length === 0;
  if (section.hidden) return;
  const [id, step] = state.at.split("@"), found = model.saddles.find(each => each.id === id);
  way = found ?? (model.saddles.includes(way) ? way : model.saddles[0]);
  const choice = byId("way"), width = profile.clientWidth || 300;
  if (choice.options.length === 0) {
    choice.append(...model.saddles.map(each => make("option", {value: each.id}, `${each.name}, L = ${each.loss.toFixed(6)}`)));
  }
  choice.value = way.id;
  if (profileOf?.saddle !== way || profileOf.width !== width || profileOf.last !== importance.at(-1)) {
    profileOf = drawProfile(way, width, importance);
  }
  const on = Boolean(found), k = step === undefined ? way.path.top : Number(step), slider = byId("step-along");
  slider.max = way.path.b.length - 1;
  slider.value = k;
  slider.setAttribute("aria-valuetext", `point ${k} of ${way.path.b.length - 1}${k === way.path.top ? ", the saddle" : ""}`);
  set(profile.querySelector(".now"), {cx: profileOf.x(k), cy: profileOf.y(k)});
  profile.classList.toggle("off", !on);
  const name = each => present().points.find(point => point.id === each).name;
  byId("way-from").textContent = name(way.from);
  byId("way-to").textContent = name(way.to);
  byId("way-proof").textContent = way.proof === "PROVED"
    ? `A critical point of index 1 near this saddle is proved to exist; its loss is ${way.loss.toFixed(8)}.`
    : `By floating point: L = ${way.loss.toFixed(8)}.`;
});

/** Show a point of the path; the one at the top is the saddle itself. */
function stepAlong(k) {
  stopWalk();
  clearTrail();
  state.at = k === way.path.top ? way.id : `${way.id}@${k}`;
  state.point = presetPoint(present(), state.at);
  refresh();
}

byId("way").addEventListener("change", event => goTo(event.target.value));
byId("step-along").addEventListener("input", event => stepAlong(event.target.valueAsNumber));
byId("step-along").addEventListener("change", commit);
new ResizeObserver(refresh).observe(profile);
