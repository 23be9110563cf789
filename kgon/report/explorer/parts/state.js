// What is shown, as one object and as one text: the fragment of the address holds all of it, so that a link, a
// bookmark and undo are the same thing.

const known = JSON.parse(byId("data").textContent);
const DEFAULTS = {at: "6", importance: 1, strength: 600, theory: "prior"};
const LIMITS = {W: [-2.5, 2.5], b: [-6, 2.5], importance: [0.1, 4], strength: [1, 100000]};

const modelOf = c => known.models.find(model => model.c === c);
const clamped = (x, [low, high]) => Math.min(Math.max(x, low), high);

const state = {c: known.start, point: null, ...DEFAULTS};
const present = () => modelOf(state.c);

function copied({W, b}) {
  return {W: W.map(row => [...row]), b: [...b]};
}

/** The point of a preset: a k-gon ``5+``, a saddle ``4+..5``, or a point of its path ``4+..5@17``. */
function presetPoint(model, at) {
  const [id, place] = at.split("@");
  const found = [...model.points, ...model.saddles].find(each => each.id === id);
  if (!found) return null;
  if (place === undefined) return copied(found);
  const k = Number(place), path = found.path;
  if (!path || !Number.isInteger(k) || !path.b[k]) return null;
  return copied({W: path.W[k], b: path.b[k]});
}

/** The text of a state, without what is as it is at first. */
function writeState({c, at, point, importance, strength, theory}) {
  const parts = c === known.start ? [] : [`c=${c}`];
  parts.push(at ? `at=${at}` : `W=${point.W.join(";")}&b=${point.b.join()}`);
  if (importance !== DEFAULTS.importance) parts.push(`I=${importance}`);
  if (strength !== DEFAULTS.strength) parts.push(`n=${strength}`);
  if (theory !== DEFAULTS.theory) parts.push(`theory=${theory}`);
  return parts.join("&");
}

/** The state of a text; null where there is none. */
function readState(text) {
  const given = new Map(decodeURIComponent(text).split("&").map(part => {
    const [name, ...value] = part.split("=");
    return [name, value.join("=")];
  }));
  const number = (name, otherwise, limits) => {
    const x = given.has(name) && given.get(name) !== "" ? Number(given.get(name)) : otherwise;
    return Number.isFinite(x) ? clamped(x, limits) : otherwise;
  };
  const c = given.has("c") ? Number(given.get("c")) : known.start;
  const model = modelOf(c);
  if (!model) return null;
  let at = given.get("at") ?? (given.has("W") ? "" : firstOf(c));
  let point = at ? presetPoint(model, at) : null;
  if (!at) {
    const numbers = (list, limits) => list.split(",").map(x => x === "" ? NaN : clamped(Number(x), limits));
    const W = given.get("W").split(";").map(row => numbers(row, LIMITS.W));
    const b = numbers(given.get("b") ?? "", LIMITS.b);
    const whole = W.length === 2 && [...W, b].every(row => row.length === c && row.every(Number.isFinite));
    point = whole ? {W, b} : null;
  }
  if (!point) return null;
  const asked = given.get("theory") ?? DEFAULTS.theory;
  return {
    c, at, point,
    importance: number("I", DEFAULTS.importance, LIMITS.importance),
    strength: number("n", DEFAULTS.strength, LIMITS.strength),
    theory: Object.hasOwn(model.theories, asked) ? asked : DEFAULTS.theory,
  };
}

/** The k-gon that is shown first of c features: the one of the lowest loss. */
const firstOf = c => modelOf(c).points[0].id;

// --- views and history ------------------------------------------------------------------------------------

const views = [];
let asked = 0;
let lastShown = null;

/** Everything that follows from the state, which the views show. */
function derived() {
  const importance = importances(state.c, state.importance);
  const found = evaluate(state.point, importance);
  const near = nearestKgon(present().targets, state.point);
  near.kgon = present().points.find(each => each.id === near.id);
  return {model: present(), importance, found, near};
}

function show() {
  asked = 0;
  lastShown = derived();
  for (const view of views) view(lastShown);
}

/** Show the state in the next frame, however often this is asked for. */
function refresh() {
  asked ||= requestAnimationFrame(show);
}

const past = [];
let place = -1;

/** End a change: what is shown becomes a step of undo, and the address. */
function commit() {
  const text = writeState(state);
  if (text !== past[place]) past.splice(++place, Infinity, text);
  toAddress();
}

function toAddress() {
  history.replaceState(null, "", `#${past[place]}`);
  byId("undo").disabled = place === 0;
  byId("redo").disabled = place === past.length - 1;
}

/** Go back (−1) or forth (1) in what was shown. */
function travel(step) {
  if (past[place + step] === undefined) return;
  stopWalk();
  place += step;
  Object.assign(state, readState(past[place]));
  clearTrail();
  toAddress();
  refresh();
}

/** Take up a state, such as that of an address; what was before can be had back. */
function enter(found) {
  stopWalk();
  Object.assign(state, found);
  clearTrail();
  commit();
  refresh();
}

/** Show a preset. */
function goTo(at) {
  enter({at, point: presetPoint(present(), at)});
}

/** Move the point by hand: it is no preset any more. */
function move(change) {
  stopWalk();
  change(state.point);
  state.at = "";
  refresh();
}
