// The loss of a toy model in the plane, its gradient, and the region of every pair.
//
// A point is {W: [[x…], [y…]], b: […]}; a model {c, importance}, its inputs uniform.  Input i reaches output j
// as relu(aμ + b) with a = W_i·W_j and b = b_j; the pair functions are the printed ones.

const THIRD = 1 / 3;
const ROUNDED = 1e-15; // by which a loss may seem to climb where it is flat

const positive = x => x > 0 ? x : 0;

/** x/|y|, but at most 1, and 1 for 0/0. */
function share(x, y) {
  const t = x / Math.abs(y);
  return t < 1 ? t : 1;
}

function offTerms(a, b, start, weight) {
  const end = positive(a + b);
  return offShared(start, end, share(start + end, a), weight);
}

function diagTerms(n, b, start, weight) {
  const end = positive(n + b);
  const t = b < 0 && end === 0 ? 0 : share(start + end, n); // an output that is off, where n may be 0
  return diagShared(start, end, t, weight);
}

/** Importances of a model whose last feature differs. */
function importances(c, last) {
  return Array.from({length: c}, (_, j) => j === c - 1 ? last : 1);
}

/** L and its gradient {loss, W, b} at a point. */
function evaluate(point, importance) {
  const [x, y] = point.W, b = point.b, c = b.length, p = 1 / c;
  const gradient = [new Array(c).fill(0), new Array(c).fill(0)], slopes = new Array(c).fill(0);
  const [gx, gy] = gradient;
  let loss = 0;
  for (let j = 0; j < c; j++) {
    const start = positive(b[j]), n = x[j] * x[j] + y[j] * y[j];
    let [f, fa, slope] = diagTerms(n, b[j], start, p * importance[j]);
    loss += f;
    gx[j] = fa * (2 / 3) * x[j];
    gy[j] = fa * (2 / 3) * y[j];
    for (let i = 0; i < j; i++) { // both ordered pairs have one inner product
      const a = x[i] * x[j] + y[i] * y[j];
      const there = offTerms(a, b[j], start, p * importance[j]);
      const back = offTerms(a, b[i], positive(b[i]), p * importance[i]);
      loss += there[0] + back[0];
      slope += there[2];
      slopes[i] += back[2];
      fa = (there[1] + back[1]) * THIRD;
      gx[i] += fa * x[j];
      gy[i] += fa * y[j];
      gx[j] += fa * x[i];
      gy[j] += fa * y[i];
    }
    slopes[j] = slope;
  }
  return {loss: loss * THIRD, W: gradient, b: slopes};
}

/** ‖∇L‖ of what ``evaluate`` found. */
function norm(found) {
  return Math.hypot(...found.W[0], ...found.W[1], ...found.b);
}

/** Where the ReLU of aμ + b is active for 0 < μ < 1: on, off, rising or falling. */
function regionOf(a, b) {
  const end = a + b;
  if (b >= 0 && end >= 0) return "on";
  if (b <= 0 && end <= 0) return "off";
  return b < 0 ? "rising" : "falling";
}

/** The region of every ordered pair, by input i (rows) and output j. */
function regionsOf(point) {
  const [x, y] = point.W, b = point.b;
  return b.map((_, i) => b.map((bias, j) => regionOf(x[i] * x[j] + y[i] * y[j], bias)));
}

/** One step down: w − κ/(1 + max_j ‖W_j‖²) ∇L; κ is halved while that would climb. */
function descend(point, importance, found) {
  const [x, y] = point.W;
  const longest = Math.max(...x.map((each, j) => each * each + y[j] * y[j]));
  let step = 1 / ((1 + longest) * Math.max(1, ...importance));
  for (let halvings = 0; halvings < 50; halvings++, step /= 2) {
    const down = (values, slopes) => values.map((value, k) => value - step * slopes[k]);
    const next = {W: [down(x, found.W[0]), down(y, found.W[1])], b: down(point.b, found.b)};
    const there = evaluate(next, importance);
    if (there.loss <= found.loss + ROUNDED) return {point: next, found: there, arc: step * norm(found)};
  }
  return {point, found, arc: 0};
}
