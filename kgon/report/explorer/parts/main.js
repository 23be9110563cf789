// What is known of the point, walking down, keys, and the beginning.

const REST = 1e-9; // ‖∇L‖ at which a walk ends
const PACE = 0.006, MOST_STEPS = 2500; // length of a frame's part of the walk, and steps in it
let walking = 0;

views.push(({found, near}) => {
  const {kgon, distance} = near, slope = norm(found);
  byId("loss").textContent = found.loss.toFixed(8);
  byId("slope").textContent = small(slope);
  byId("nearest").textContent = kgon.name;
  byId("nearest").style.setProperty("--tint", colourOf(kgon.k));
  byId("distance").textContent = distance < 1e-7 ? "here" : `at distance ${small(distance)}`;
  byId("lambda").textContent = kgon.lambda ?? "–";
  byId("kind").textContent = kgon.kind;
  byId("importance").disabled = byId("importance-slide").disabled = false;
  if (document.activeElement !== byId("importance")) byId("importance").value = state.importance;
  byId("importance-slide").value = state.importance;
  byId("last").textContent = state.c - 1;
  byId("features").value = state.c;
});

// --- walking ----------------------------------------------------------------------------------------------

function stopWalk() {
  cancelAnimationFrame(walking);
  walking = 0;
  byId("walk").textContent = "Walk down";
  byId("walk").setAttribute("aria-pressed", "false");
}

/** Go down some way; says whether there is more. */
function goDown(way, steps) {
  const importance = importances(state.c, state.importance);
  let found = evaluate(state.point, importance);
  for (let gone = 0; gone < way && steps > 0; steps--) {
    if (norm(found) < REST) return false;
    const next = descend(state.point, importance, found);
    if (next.arc === 0) return false;
    [state.point, found] = [next.point, next.found];
    gone += next.arc;
    state.at = "";
  }
  return true;
}

function say(text) {
  byId("said").textContent = text;
}

function arrive() {
  stopWalk();
  commit();
  const {near, found} = derived();
  say(`At rest at L = ${found.loss.toFixed(6)}, nearest ${near.kgon.name}, distance ${small(near.distance)}.`);
}

function walkOn() {
  const more = goDown(PACE, MOST_STEPS);
  leaveTrail();
  refresh();
  if (more) walking = requestAnimationFrame(walkOn);
  else arrive();
}

function walk() {
  if (walking) {
    stopWalk();
    commit();
    return;
  }
  clearTrail();
  leaveTrail();
  if (norm(evaluate(state.point, importances(state.c, state.importance))) < REST) {
    say("The gradient is zero here: move a column first, or choose a point beside a saddle.");
    return;
  }
  say("");
  if (calm()) { // no animation: the way, and its end
    for (let k = 0; k < 2000 && goDown(PACE, MOST_STEPS); k++) leaveTrail();
    arrive();
    refresh();
    return;
  }
  byId("walk").textContent = "Stop";
  byId("walk").setAttribute("aria-pressed", "true");
  walking = requestAnimationFrame(walkOn);
}

function stepDown() {
  stopWalk();
  leaveTrail();
  goDown(Infinity, 1);
  leaveTrail();
  commitSoon();
  refresh();
}

let soon = 0;

/** End a change once nothing follows: keys that repeat are one step of undo. */
function commitSoon() {
  clearTimeout(soon);
  soon = setTimeout(() => {
    soon = 0;
    commit();
  }, 400);
}

function settle() {
  if (!soon) return;
  clearTimeout(soon);
  soon = 0;
  commit();
}

// --- controls ---------------------------------------------------------------------------------------------

function takeImportance(value) {
  if (!Number.isFinite(value)) return;
  stopWalk();
  state.importance = clamped(value, LIMITS.importance);
  refresh();
}

for (const id of ["importance", "importance-slide"]) {
  byId(id).addEventListener("input", event => takeImportance(event.target.valueAsNumber));
  byId(id).addEventListener("change", commit);
}
byId("features").append(...known.models.map(model => make("option", {value: model.c}, String(model.c))));
byId("features").addEventListener("change", event => {
  const c = Number(event.target.value), at = firstOf(c);
  const theory = modelOf(c).theories[state.theory] ? state.theory : DEFAULTS.theory;
  enter({c, at, point: presetPoint(modelOf(c), at), theory});
});
const ACTIONS = {
  undo: () => { settle(); travel(-1); }, redo: () => { settle(); travel(1); }, walk, step: stepDown,
};
for (const [id, action] of Object.entries(ACTIONS)) byId(id).addEventListener("click", action);

document.addEventListener("keydown", event => {
  const typing = event.target.matches("input[type=number], textarea, select");
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    const action = key === "z" ? (event.shiftKey ? ACTIONS.redo : ACTIONS.undo) : key === "y" ? ACTIONS.redo : null;
    if (!action || typing) return;
    event.preventDefault();
    action();
  } else if (!event.altKey && (key === "w" || key === "s") && event.target.closest(".stage")) {
    event.preventDefault();
    (key === "w" ? walk : stepDown)();
  }
});
addEventListener("hashchange", () => {
  const found = addressed();
  if (!found) say("The address holds no point.");
  else if (writeState(found) !== past[place]) enter(found);
});

/** The state of the address; null where it holds none, or cannot be read. */
function addressed() {
  try {
    return readState(location.hash.slice(1));
  } catch {
    return null;
  }
}

/** Begin with the address, or with the first k-gon and a word about it. */
function begin() {
  const found = addressed();
  if (!found) say("The address holds no point: the k-gon of the lowest loss is shown.");
  Object.assign(state, found ?? readState(""));
  commit();
  byId("app").hidden = false;
  show();
}

begin();

// For the console of the browser, and for tests.
window.kgon = {evaluate, regionsOf, nearestKgon, freeEnergy, occupancies, known, state, writeState, readState, presetPoint};
