// The k-gon nearest to a point modulo rotations, reflections and the order of the columns.
//
// The same search as kgon.potential.kernels.nearest: all assignments of columns to vertices, depth first, a
// branch being left when a lower bound of its distance exceeds the best distance known.

const ANGLE_TOLERANCE = 1e-10, MOST_ANGLES = 4000;

/** What the bias of a column costs at a vertex; its W is compared with the vertex. */
function placeCost(row, slot, bias) {
  if (row.off[slot]) return Math.max(bias + row.length ** 2, 0) ** 2;
  return (bias - row.bias) ** 2;
}

/** A lower bound, over all rotations, of a column's squared distance to where it is no vertex. */
function leastRest(row, size, bias) {
  if (!row.movable) return size * size + Math.max(bias, 0) ** 2;
  if (row.k > 4) return besideAnyPolygon(size, bias, row.k, row.length, -row.bias);
  return parabola(size, bias)[1];
}

function movedCost(row, x, y, bias) {
  if (row.k === 4) return besideSquare(x, y, bias, row.box);
  return besidePolygon(Math.hypot(x, y), Math.atan2(y, x), bias, row.k, row.length, -row.bias);
}

/** The least squared distance below a limit over rotations for one assignment, and the angle: columns may move. */
function turnedCost(row, point, sizes, aligned, reach, start, free, limit) {
  const [x, y] = point.W;
  let best = limit, angle = start, first = true;
  const stack = [[start, 0]];
  for (let tries = 0; tries < MOST_ANGLES && stack.length; tries++) {
    const [middle, half] = stack.pop();
    const offset = middle - start;
    let value = aligned + 4 * reach * Math.sin(offset / 2) ** 2;
    let slope = 2 * reach * Math.sin(offset);
    let bend = -2 * reach * Math.max(Math.cos(offset) - half, -1);
    const ca = Math.cos(middle), sa = Math.sin(middle);
    for (const i of free) {
      const [gap, turn] = movedCost(row, ca * x[i] - sa * y[i], sa * x[i] + ca * y[i], point.b[i]);
      value += gap;
      slope += turn;
      if (gap > 0) bend += 2 * (Math.sqrt(gap) + sizes[i] * half) * sizes[i];
    }
    if (value < best) [best, angle] = [value, middle];
    if (first) {
      first = false;
      const least = free.reduce((sum, i) => sum + leastRest(row, sizes[i], point.b[i]), aligned);
      if (value - least <= ANGLE_TOLERANCE * value || least >= best) break;
      const far = best - least < 4 * reach ? 2 * Math.asin(Math.sqrt((best - least) / reach / 4)) : Math.PI;
      stack.push([start - far / 2, far / 2], [start + far / 2, far / 2]);
      continue;
    }
    const lowest = value - Math.abs(slope) * half - Math.max(bend, 0) * half * half / 2;
    if (lowest < best * (1 - ANGLE_TOLERANCE) && stack.length < 126) {
      stack.push([middle - half / 2, half / 2], [middle + half / 2, half / 2]);
    }
  }
  return [best, angle];
}

/** Squared distance to one k-gon with these columns in its slots, and the angle by which the point turns.
 *
 * Where columns may move, the limit may stand for any larger distance.
 */
function assignedCost(row, targets, point, sizes, columns, limit) {
  const [x, y] = point.W, b = point.b;
  let real = 0, imaginary = 0;
  columns.forEach((i, s) => {
    real += row.x[s] * x[i] + row.y[s] * y[i];
    imaginary += row.y[s] * x[i] - row.x[s] * y[i];
  });
  const start = Math.atan2(imaginary, real), ca = Math.cos(start), sa = Math.sin(start);
  let value = 0;
  columns.forEach((i, s) => {
    value += (ca * x[i] - sa * y[i] - row.x[s]) ** 2 + (sa * x[i] + ca * y[i] - row.y[s]) ** 2;
    value += placeCost(row, s, b[i]);
  });
  const free = [...b.keys()].filter(i => !columns.includes(i)).sort((i, j) => b[j] - b[i]);
  if (row.movable) {
    return turnedCost(row, point, sizes, value, Math.hypot(real, imaginary), start, free, limit);
  }
  free.forEach((i, rank) => { // the largest biases are the positive ones
    const wanted = rank < row.sigma ? targets.positive : Math.min(b[i], 0);
    value += x[i] ** 2 + y[i] ** 2 + (b[i] - wanted) ** 2;
  });
  return [value, start];
}

/** What the search in one k-gon needs: bounds of every column alone, of all together, and an order. */
function boundsOf(row, targets, point, sizes, byBias) {
  const slots = [...Array(row.slots).keys()];
  const least = point.b.map((bias, i) => leastRest(row, sizes[i], bias));
  const gains = point.b.map((bias, i) => {
    const place = Math.min(...slots.map(s => placeCost(row, s, bias)));
    return (sizes[i] - row.length) ** 2 + place - least[i];
  });
  let base = 0;
  byBias.forEach((i, rank) => {
    base += least[i];
    const bias = point.b[i];
    if (rank < row.sigma) base += (bias - targets.positive) ** 2 - Math.max(bias, 0) ** 2;
  });
  const order = [...point.b.keys()].sort((i, j) => gains[i] - gains[j]);
  const bound = slots.reduce((sum, s) => sum + gains[order[s]], base);
  return {row, least, gains, base, order, bound};
}

/** The best assignment of columns to the vertices of one k-gon below a limit; null if there is none. */
function searchAssignments({row, least, gains, base, order}, targets, point, sizes, limit) {
  const [x, y] = point.W, columns = [], ranks = [], used = new Set();
  let best = limit, found = null;
  const place = (s, cost, real, imaginary) => {
    if (s === row.slots) {
      const [value, angle] = assignedCost(row, targets, point, sizes, columns, best);
      if (value < best) [best, found] = [value, {row, squared: value, angle, columns: [...columns]}];
      return;
    }
    for (let rank = row.rival[s] < 0 ? 0 : ranks[row.rival[s]] + 1; rank < order.length; rank++) {
      const i = order[rank];
      if (used.has(i)) continue;
      const own = sizes[i] ** 2 + row.length ** 2 + placeCost(row, s, point.b[i]) - least[i];
      const re = real + row.x[s] * x[i] + row.y[s] * y[i];
      const im = imaginary + row.y[s] * x[i] - row.x[s] * y[i];
      used.add(i);
      let bound = base + cost + own - 2 * Math.hypot(re, im), left = row.slots - s - 1;
      for (const other of order) {
        if (left === 0) break;
        if (!used.has(other)) {
          bound += gains[other];
          left--;
        }
      }
      if (bound < best) {
        columns[s] = i;
        ranks[s] = rank;
        place(s + 1, cost + own, re, im);
        columns.length = s;
      }
      used.delete(i);
    }
  };
  place(0, 0, 0, 0);
  return found;
}

/** The nearest k-gon: {id, distance, angle, columns, row}; the point turned by the angle comes near it. */
function nearestKgon(targets, point) {
  const sizes = point.b.map((_, i) => Math.hypot(point.W[0][i], point.W[1][i]));
  const byBias = [...point.b.keys()].sort((i, j) => point.b[j] - point.b[i]);
  const bounded = targets.rows.map(row => boundsOf(row, targets, point, sizes, byBias));
  let best = null;
  for (const each of bounded.sort((a, b) => a.bound - b.bound)) {
    if (best && each.bound >= best.squared) break;
    best = searchAssignments(each, targets, point, sizes, best ? best.squared : Infinity) ?? best;
  }
  return {...best, id: best.row.id, distance: Math.sqrt(best.squared)};
}
