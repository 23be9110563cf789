// Pair functions of the potential, printed by kgon.potential.symbolic.  Do not edit.
//
// They take s = max(b, 0), e = max(a + b, 0), the active fraction t of the region and a weight w, and return
// w times (f, f_a, f_b/3), f being three times the pair integral.

// 3 × off, every region: f, f_a and f_b/3, times w.
function offShared(s, e, t, w) {
  const m = t*w;
  const p = m*(e + s);
  const q = e*m;
  const v = 3*q + t*(p - 2*q);
  return [e*q + p*s, v, p];
}

// 3 × diag, every region: f, f_a and f_b/3, times w.
function diagShared(s, e, t, w) {
  const m = t*w;
  const p = m*(e + s);
  const q = e*m;
  const v = 3*q + t*(p - 2*q);
  return [e*q + p*s - v + w, -2*m*(-t*(3 - t) + 3) + v, -m*(2 - t) + p];
}
