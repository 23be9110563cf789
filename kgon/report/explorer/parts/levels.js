// The energy levels: every k-gon at the height of its loss, and where the present point stands.

const AXIS = 50, LINE = 16, ROOM = 27; // pixels: room for the scale, a level's mark, the height of a label
const SADDLE_LANE = 96, PICTURED = 92, SPELLED = 78; // width of the saddles' lane, of one with pictures, with names
const ladder = byId("ladder");
let levelsOf = null; // the model whose levels are built, and how wide
let levels = [];
let marker = null;

/** A small picture of a point: its hull, and the columns that answer their own input. */
function glyph({W, b}, tint, half = 13) {
  const scale = half / (1.25 * UNIT), [xs, ys] = W;
  const live = xs.map((x, j) => x * x + ys[j] * ys[j] + b[j] > 0 ? `M0 0L${placed(x, ys[j])}` : "");
  return draw("svg", {viewBox: `${-half} ${-half} ${2 * half} ${2 * half}`, class: "glyph", "aria-hidden": "true"},
    draw("g", {transform: `scale(${scale})`},
      draw("path", {class: "body", d: outline(hullOf(W)), style: `--tint: ${tint}`}),
      draw("path", {class: "bones", d: live.join("")})));
}

/** Heights at which labels do not overlap, near those wanted, which ascend. */
function spaced(wanted, room) {
  const found = [...wanted];
  for (let round = 0; round < 200; round++) {
    let moved = false;
    for (let k = 1; k < found.length; k++) {
      const lack = room - (found[k] - found[k - 1]);
      if (lack > 0.01) {
        found[k - 1] -= lack / 2;
        found[k] += lack / 2;
        moved = true;
      }
    }
    if (!moved) break;
  }
  return found;
}

/** The name of a k-gon with counts in the place of repeated signs: 4²⁺⁴⁻. */
function briefly({k, sigma, phi}) {
  const counted = (number, sign) => number === 0 ? "" : number === 1 ? sign : `${"⁰¹²³⁴⁵⁶⁷⁸⁹"[number]}${sign}`;
  return `${k}${counted(sigma, "⁺")}${counted(phi, "⁻")}`;
}

function scaleOf(model, height) {
  const losses = [...model.points, ...model.saddles].map(each => each.loss);
  const low = Math.min(...losses), high = Math.max(...losses), margin = 0.06 * (high - low);
  const [bottom, top] = [low - margin, high + margin];
  return {bottom, top, at: loss => height * (top - loss) / (top - bottom)};
}

function buildLevels(model) {
  const width = ladder.clientWidth, height = ladder.clientHeight, scale = scaleOf(model, height);
  const shown = model.points.filter(each => !each.id.endsWith(":opposite"));
  const lanes = new Map();
  for (const each of shown) lanes.set(each.sigma, [...lanes.get(each.sigma) ?? [], each]);
  if (model.saddles.length) lanes.set("saddles", model.saddles);
  const last = model.saddles.length ? SADDLE_LANE : 0;
  const lane = (width - AXIS - last) / (lanes.size - (last ? 1 : 0)), narrow = lane < PICTURED;
  const picture = draw("svg", {class: "scale", width, height, "aria-hidden": "true"});
  for (let tick = Math.ceil(scale.bottom / 0.05); tick * 0.05 <= scale.top; tick++) {
    const y = scale.at(tick * 0.05);
    picture.append(
      draw("path", {class: "tick", d: `M${AXIS - 8} ${y}H${width}`}),
      draw("text", {x: AXIS - 12, y: y + 4, "text-anchor": "end"}, (tick * 0.05).toFixed(2)),
    );
  }
  levels = [];
  const heads = [];
  [...lanes.keys()].sort().forEach((key, k) => {
    const left = AXIS + k * lane, members = [...lanes.get(key)].sort((p, q) => q.loss - p.loss);
    heads.push(make("span", {class: "lane", style: `left: ${left}px`}, key === "saddles" ? "saddles" : `σ = ${key}`));
    const heights = spaced(members.map(each => scale.at(each.loss)), ROOM);
    members.forEach((each, n) => {
      const y = scale.at(each.loss), saddle = key === "saddles", tint = saddle ? "var(--saddle)" : colourOf(each.k);
      picture.append(draw("path", {
        class: "level", style: `--tint: ${tint}`, "stroke-dasharray": saddle ? "4 2" : "none",
        d: `M${left} ${y}h${LINE}`,
      }), draw("path", {class: "leader", d: `M${left + LINE} ${y}L${left + LINE + 7} ${heights[n]}`}));
      const what = saddle ? `saddle between ${each.name}` : `${each.name}-gon, ${each.kind}`;
      const label = saddle ? each.name.replaceAll(" ", "") : lane < SPELLED ? briefly(each) : each.name;
      const button = make("button", {
        type: "button", class: "preset", style: `left: ${left + LINE + 7}px; top: ${heights[n]}px`,
        title: `${what}: L = ${each.loss.toFixed(8)}`, "aria-label": `${label}: ${what}`, "aria-pressed": "false", onclick: () => goTo(each.id),
        "data-preset": each.id,
      }, ...(narrow || saddle ? [] : [glyph(each, tint)]), make("span", {}, label));
      levels.push({id: each.id, button});
    });
  });
  marker = draw("g", {class: "marker"},
    draw("path", {d: `M${AXIS - 4} 0H${width}`}), draw("rect", {x: 0, y: -10, width: AXIS - 2, height: 20, rx: 3}),
    draw("text", {x: AXIS / 2 - 1, y: 4, "text-anchor": "middle"}));
  picture.append(marker);
  ladder.classList.toggle("narrow", narrow);
  ladder.replaceChildren(picture, ...heads, ...levels.map(each => each.button));
  levelsOf = {model, width, height, scale};
}

views.push(({model, found}) => {
  if (levelsOf?.model !== model || levelsOf.width !== ladder.clientWidth || levelsOf.height !== ladder.clientHeight) {
    const focused = document.activeElement?.dataset?.preset;
    buildLevels(model);
    if (focused) levels.find(each => each.id === focused)?.button.focus();
  }
  const {scale, height} = levelsOf, y = scale.at(found.loss);
  set(marker, {transform: `translate(0 ${clamped(y, [10, height - 10])})`});
  marker.lastChild.textContent = y < 0 ? `↑ ${found.loss.toFixed(2)}` : found.loss.toFixed(4);
  const [id] = state.at.split("@");
  for (const {id: own, button} of levels) button.setAttribute("aria-pressed", String(own === id));
  byId("equal-only").hidden = state.importance === 1;
});

new ResizeObserver(refresh).observe(ladder);
