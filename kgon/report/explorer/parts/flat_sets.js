// Where a column can move at no cost beside a polygon's live columns, and how far away it is.
//
// The same as kgon.potential.kernels.flat_sets, which says why; each returns the squared distance and its
// derivative when the column turns counter-clockwise.

const ROUNDING = 1e-13;

/** Foot t ≥ 0 and squared distance of (size, bias) from {b ≤ −t²}. */
function parabola(size, bias) {
  if (bias <= -size * size) return [size, 0];
  let t = size; // the only positive root of 2t³ + (1 + 2b)t = size, from above
  for (let k = 0; k < 60; k++) {
    const slope = 6 * t * t + 1 + 2 * bias;
    if (!(slope > 0)) break;
    const following = t - (2 * t * t * t + (1 + 2 * bias) * t - size) / slope;
    if (!(following < t)) break;
    t = Math.max(following, 0);
  }
  return [t, (t - size) ** 2 + (t * t + bias) ** 2];
}

/** Beside live vertices of the 4-gon; the box holds the extremes of x, then of y. */
function besideSquare(x, y, bias, box) {
  const fx = Math.min(Math.max(x, box[0]), box[1]), fy = Math.min(Math.max(y, box[2]), box[3]);
  const size = Math.hypot(fx, fy);
  const [t, gap] = parabola(size, bias);
  const scale = size > 0 ? t / size : 0;
  return [gap + (x - fx) ** 2 + (y - fy) ** 2, 2 * scale * (fx * y - fy * x)];
}

/** Beside a whole regular k-gon, k ≥ 5: a pyramid that is cut off at the polygon's sides. */
function besidePolygon(size, angle, bias, k, length, reach) {
  const sector = Math.PI / k;
  const turned = angle - 2 * sector * Math.round(angle / (2 * sector));
  const x = size * Math.cos(turned), y = size * Math.sin(Math.abs(turned));
  const edgeX = Math.cos(sector), edgeY = Math.sin(sector);
  if (length * x <= reach && bias <= -length * x) return [0, 0];
  const slack = ROUNDING * (1 + size + Math.abs(bias)), side = reach / length;
  const slope = length * edgeX, along = x * edgeX + y * edgeY;
  const off = (bias + length * x) / (1 + length * length);
  const over = (bias + slope * along) / (1 + slope * slope);
  const corner = side * edgeY / edgeX;
  const feet = [
    [side, y, bias], // on the side
    [x - off * length, y, bias - off], // on the pyramid's face
    [side, y, -reach], // on both
    [side, corner, bias], // at the side's end
    [(along - over * slope) * edgeX, (along - over * slope) * edgeY, bias - over], // on the pyramid's edge
    [side, corner, -reach],
  ];
  let best = Infinity, footX = 0, footY = 0;
  for (const [fx, fy, fb] of feet) {
    const outside = Math.max(fx - side, fb + length * fx, fy * edgeX - fx * edgeY, -fy);
    const gap = (fx - x) ** 2 + (fy - y) ** 2 + (fb - bias) ** 2;
    if (outside <= slack && gap < best) [best, footX, footY] = [gap, fx, fy];
  }
  if (bias > 0 && size * size + bias * bias < best) { // the tip
    [best, footX, footY] = [size * size + bias * bias, 0, 0];
  }
  const turn = 2 * (footX * y - footY * x);
  return [best, turned >= 0 ? turn : -turn];
}

/** A lower bound of the same over all rotations of the k-gon. */
function besideAnyPolygon(size, bias, k, length, reach) {
  const rim = reach / (length * Math.cos(Math.PI / k)), slope = length * Math.cos(Math.PI / k);
  if (size <= rim && bias <= -slope * size) return 0;
  const away = (bias + slope * size) / (1 + slope * slope);
  const foot = Math.min(Math.max(size - away * slope, 0), rim);
  return (size - foot) ** 2 + (bias - Math.min(bias, -slope * foot)) ** 2;
}
