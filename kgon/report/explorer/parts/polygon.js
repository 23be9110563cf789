// The plane: columns to take hold of, where they would fall, and the outline of the nearest k-gon.

const SIZE = 300, UNIT = 160; // half the side of the picture, and what stands for 1
const MAGNIFIED = [1, 2, 5, 10, 20], LONGEST_ARROW = 0.55, HANDLE = 11, CLOSE = 15;
const SHORT = 0.02; // columns shorter than this are drawn as being at the origin

const plane = byId("plane");
const layers = Object.fromEntries(
  ["rings", "hull", "ghost", "switch", "trail", "spokes", "arrows", "handles"].map(name => {
    const layer = draw("g", {class: name});
    plane.append(layer);
    return [name, layer];
  }),
);
let held = null; // the column that is dragged
let chosen = null; // the column that was last taken hold of
let handles = [];
let trail = [];

for (const radius of [0.5, 1, 1.5]) {
  layers.rings.append(
    draw("circle", {r: radius * UNIT}),
    draw("text", {x: 4, y: -radius * UNIT - 4}, radius.toFixed(1)),
  );
}
layers.rings.append(draw("path", {d: `M${-SIZE} 0H${SIZE}M0 ${-SIZE}V${SIZE}`}));

/** Pixels of the picture for one of the screen. */
const grain = () => 2 * SIZE / (plane.clientWidth || 2 * SIZE);
const placed = (x, y) => `${(x * UNIT).toFixed(2)} ${(-y * UNIT).toFixed(2)}`;

function clearTrail() {
  trail = [];
}

function leaveTrail() {
  const {W} = state.point;
  W[0].forEach((x, j) => (trail[j] ??= []).push(placed(x, W[1][j])));
}

/** The corners of the convex hull, counter-clockwise. */
function hullOf([xs, ys]) {
  const points = xs.map((x, j) => [x, ys[j]]).sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const half = list => {
    const kept = [];
    for (const p of list) {
      while (kept.length > 1) {
        const [u, v] = kept.slice(-2);
        if ((v[0] - u[0]) * (p[1] - u[1]) - (v[1] - u[1]) * (p[0] - u[0]) > 0) break;
        kept.pop();
      }
      kept.push(p);
    }
    return kept.slice(0, -1);
  };
  return [...half(points), ...half(points.reverse())];
}

const outline = corners => corners.length ? `M${corners.map(p => placed(...p)).join("L")}Z` : "";

/** The vertices of the nearest k-gon, turned to where the point is. */
function ghostOf({row, angle}) {
  const corners = row.x.slice(0, row.k).map((x, s) => [x, row.y[s]]);
  if (row.slots < row.k) { // vertices whose columns moved away: all are equally far apart
    corners.length = 0;
    for (let s = 0; s < row.k; s++) {
      const at = 2 * Math.PI * s / row.k;
      corners.push([row.length * Math.cos(at), row.length * Math.sin(at)]);
    }
  }
  const ca = Math.cos(angle), sa = Math.sin(angle);
  return corners.map(([x, y]) => [ca * x + sa * y, ca * y - sa * x]);
}

/** Where handles are drawn: those that lie on one another are fanned out. */
function spread([xs, ys], apart) {
  const places = xs.map((x, j) => [x * UNIT, -ys[j] * UNIT]), groups = [];
  places.forEach((p, j) => {
    const near = groups.find(([first]) => Math.hypot(p[0] - places[first][0], p[1] - places[first][1]) < apart);
    if (near && j !== held && near[0] !== held) near.push(j);
    else groups.push([j]);
  });
  for (const group of groups.filter(each => each.length > 1)) {
    const [cx, cy] = places[group[0]], radius = apart * Math.max(0.85, 0.85 * group.length / Math.PI);
    group.forEach((j, k) => {
      const at = 2 * Math.PI * (k + 0.5) / group.length;
      places[j] = [cx + radius * Math.cos(at), cy + radius * Math.sin(at)];
    });
  }
  return places;
}

/** An arrow of the picture, with a head of the screen's size. */
function arrow(x, y, dx, dy, size) {
  const [px, py, ex, ey] = [x * UNIT, -y * UNIT, dx * UNIT, -dy * UNIT];
  const length = Math.hypot(ex, ey);
  if (length < 3 * size) return "";
  const [ux, uy] = [ex / length, ey / length], head = Math.min(8 * size, length);
  const [tx, ty] = [px + ex, py + ey], [bx, by] = [tx - head * ux, ty - head * uy];
  const wing = head / 2.4;
  return `M${px} ${py}L${bx} ${by}M${tx} ${ty}L${bx - wing * uy} ${by + wing * ux}` +
    `L${bx + wing * uy} ${by - wing * ux}Z`;
}

function buildHandles(c) {
  handles = Array.from({length: c}, (_, j) => {
    const handle = draw("g", {
      class: "handle", id: `column-${j}`, tabindex: 0, role: "slider", "aria-valuenow": 0, "aria-valuemin": 0,
      "aria-valuemax": 3.6, "aria-label": `column ${j}`,
      onpointerdown: event => grab(event, j), onkeydown: event => nudge(event, j), onfocus: () => choose(j),
    }, draw("circle", {class: "reach", r: 22}), draw("circle", {class: "ring", r: 15}),
    draw("circle", {class: "knob", r: HANDLE}), draw("text", {dy: "0.36em"}, String(j)));
    // A finger on a column drags it and does not scroll the page: on parts of a picture touch-action says too little.
    handle.addEventListener("touchstart", event => event.preventDefault(), {passive: false});
    return handle;
  });
  layers.handles.replaceChildren(...handles);
}

function choose(j) {
  if (chosen === j) return;
  chosen = j;
  refresh();
}

function grab(event, j) {
  if (event.button > 0) return;
  event.preventDefault();
  stopWalk();
  clearTrail();
  const handle = handles[j];
  handle.focus({preventScroll: true});
  handle.setPointerCapture(event.pointerId);
  const at = e => {
    const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(plane.getScreenCTM().inverse());
    return [p.x / UNIT, -p.y / UNIT];
  };
  const [x0, y0] = at(event), [dx, dy] = [state.point.W[0][j] - x0, state.point.W[1][j] - y0];
  held = j;
  let moved = false;
  const follow = e => {
    const [x, y] = at(e), edge = SIZE / UNIT - 0.03;
    if (!moved && x === x0 && y === y0) return;
    moved = true;
    move(({W}) => {
      W[0][j] = clamped(x + dx, [-edge, edge]);
      W[1][j] = clamped(y + dy, [-edge, edge]);
    });
  };
  handle.onpointermove = follow;
  handle.onpointerup = handle.onpointercancel = handle.onlostpointercapture = e => {
    if (e.type === "pointerup") follow(e); // a finger may be lifted where its last move was not told
    handle.onpointermove = handle.onpointerup = handle.onpointercancel = handle.onlostpointercapture = null;
    held = null;
    if (moved) commit();
    refresh();
  };
}

const NUDGES = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
const BIAS_NUDGES = {"+": 1, "=": 1, PageUp: 1, "-": -1, "_": -1, PageDown: -1};

/** Arrows move a column by 0.01, with Shift by 0.1; + and − change its bias. */
function nudge(event, j) {
  const by = event.shiftKey && !"+_".includes(event.key) ? 0.1 : 0.01, bias = BIAS_NUDGES[event.key];
  if ((!NUDGES[event.key] && !bias) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  clearTrail();
  move(({W, b}) => {
    if (bias) b[j] = clamped(b[j] + bias * by, LIMITS.b);
    else NUDGES[event.key].forEach((step, k) => { W[k][j] = clamped(W[k][j] + step * by, LIMITS.W); });
  });
  commitSoon();
}

views.push(({model, found, near}) => {
  if (handles.length !== model.c) {
    buildHandles(model.c);
    chosen = null;
  }
  const {W, b} = state.point, [xs, ys] = W, size = grain();
  plane.style.setProperty("--tint", colourOf(near.kgon.k));
  plane.style.setProperty("--grain", size);
  layers.hull.replaceChildren(draw("path", {d: outline(hullOf(W))}));
  const known = near.distance > 1e-6 ? outline(ghostOf(near)) : "";
  layers.ghost.replaceChildren(draw("path", {d: known}));
  layers.trail.replaceChildren(...trail.map(points => draw("polyline", {points: points.join(",")})));
  layers.spokes.replaceChildren(...xs.map((x, j) => draw("path", {
    class: x * x + ys[j] * ys[j] + b[j] > 0 ? "live" : "silent", d: `M0 0L${placed(x, ys[j])}`,
  })));

  const longest = Math.max(...xs.map((_, j) => Math.hypot(found.W[0][j], found.W[1][j])));
  const scale = MAGNIFIED.findLast(each => each * longest <= LONGEST_ARROW) ?? Math.min(1, LONGEST_ARROW / longest);
  layers.arrows.replaceChildren(...xs.map((x, j) => draw("path", {
    d: arrow(x, ys[j], -scale * found.W[0][j], -scale * found.W[1][j], size),
  })));
  byId("magnified").textContent = scale >= 1 ? `× ${scale}` : `× ${scale.toFixed(2)}`;

  spread(W, CLOSE * size).forEach(([px, py], j) => {
    const length = Math.hypot(xs[j], ys[j]), answers = length * length + b[j] > 0;
    const kind = length < SHORT && b[j] > 0 ? "constant" : answers ? "live" : "silent";
    handles[j].setAttribute("class", `handle ${kind}`);
    set(handles[j], {
      transform: `translate(${px.toFixed(2)} ${py.toFixed(2)}) scale(${size})`,
      "aria-valuenow": length.toFixed(2),
      "aria-valuetext": `x ${xs[j].toFixed(2)}, y ${ys[j].toFixed(2)}, bias ${b[j].toFixed(2)}`,
    });
  });
  drawSwitch(W, b);
});

/** The line beyond which columns reach the output that was chosen. */
function drawSwitch([xs, ys], b) {
  const length = chosen === null ? 0 : Math.hypot(xs[chosen], ys[chosen]);
  const away = length > SHORT ? -b[chosen] / length : Infinity;
  const seen = Math.abs(away) < SIZE / UNIT;
  byId("switch-note").textContent = seen
    ? `Dotted: columns beyond this line reach output ${chosen}.`
    : "Drag a column, or move it with the arrow keys; + and − change its bias.";
  if (!seen) return layers.switch.replaceChildren();
  const [ux, uy] = [xs[chosen] / length, ys[chosen] / length];
  const end = sign => placed(away * ux - sign * 3 * uy, away * uy + sign * 3 * ux);
  layers.switch.replaceChildren(draw("path", {d: `M${end(1)}L${end(-1)}`}));
}

new ResizeObserver(refresh).observe(plane);
