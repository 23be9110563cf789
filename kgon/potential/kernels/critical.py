"""Zeros of the gradient from many starts: the Levenberg–Marquardt method on ‖∇L‖ with the exact Hessian.

The step −H(H² + ν²)⁻¹∇ is the real part of −(H + iν)⁻¹∇, so that no square of H is formed: one complex linear
system, solvable for every ν > 0, whose solution is short along flat directions.
"""

from __future__ import annotations

import numpy as np

from kgon.potential.kernels._jit import njit
from kgon.potential.kernels._lanes import copy
from kgon.potential.kernels.hessian import hessian
from kgon.potential.kernels.point import population

FIRST_DAMPING = 1e-3
LEAST_DAMPING = 1e-9
LARGEST_DAMPING = 1e3
"""ν at which no step that lowers ‖∇L‖ is left to be found: the iteration has stalled."""


@njit
def solve(A, x):
    """Overwrite x by A⁻¹x: complex A (d, d), which is destroyed, by elimination with row pivots.

    Returns whether no pivot was zero.
    """
    d = x.shape[0]
    for k in range(d):
        pivot = k
        largest = abs(A[k, k].real) + abs(A[k, k].imag)
        for i in range(k + 1, d):
            size = abs(A[i, k].real) + abs(A[i, k].imag)
            if size > largest:
                pivot, largest = i, size
        if largest == 0.0:
            return False
        if pivot != k:
            for j in range(k, d):
                A[k, j], A[pivot, j] = A[pivot, j], A[k, j]
            x[k], x[pivot] = x[pivot], x[k]
        inverse = 1.0 / A[k, k]
        for i in range(k + 1, d):
            factor = A[i, k] * inverse
            if factor != 0.0:
                for j in range(k + 1, d):
                    A[i, j] -= factor * A[k, j]
                x[i] -= factor * x[k]
    for k in range(d - 1, -1, -1):
        total = x[k]
        for j in range(k + 1, d):
            total -= A[k, j] * x[j]
        x[k] = total / A[k, k]
    return True


@njit
def _gradient(w, r, c, probability, importance, out):
    split = r * c
    return population(
        w[:split].reshape(r, c), w[split:], probability, importance, out[:split].reshape(r, c), out[split:]
    )


@njit
def zero(w, r, c, probability, importance, damping, tol, max_steps, rows):
    """Move the flat parameter w (d,) to a zero of ∇L; it need not be isolated.

    Parameters
    ----------
    w : (d,) array, overwritten
    damping : float
        First ν.
    tol : float
        ‖∇L‖ at which to stop.
    max_steps : int
        Linear systems solved at most.
    rows : tuple
        As in ``hessian``.

    Returns
    -------
    loss, norm : float
        L and ‖∇L‖ at w; the latter is above ``tol`` where it stalled or ran out of steps.
    """
    d = w.shape[0]
    H, A = np.empty((d, d)), np.empty((d, d), dtype=np.complex128)
    x, move = np.empty(d, dtype=np.complex128), np.empty(d)
    here, there, trial = np.empty(d), np.empty(d), np.empty(d)
    loss = _gradient(w, r, c, probability, importance, here)
    square = np.sum(here * here)
    nu, steps = damping, 0
    while square > tol * tol:
        hessian(w[: r * c].reshape(r, c), w[r * c :], probability, importance, H, rows)
        while True:
            if steps >= max_steps or nu > LARGEST_DAMPING:
                return loss, np.sqrt(square)
            steps += 1
            for i in range(d):
                for j in range(d):
                    A[i, j] = H[i, j]
                A[i, i] += 1j * nu
                x[i] = here[i]
            new = np.inf
            if solve(A, x):
                for i in range(d):
                    move[i] = x[i].real
                    trial[i] = w[i] - move[i]
                new_loss = _gradient(trial, r, c, probability, importance, there)
                new = np.sum(there * there)
            if new < square:  # false where it is not a number
                break
            nu *= 4.0
        predicted = 0.0
        for i in range(d):
            left = here[i]
            for j in range(d):
                left -= H[i, j] * move[j]
            predicted += left * left
        gain = (square - new) / (square - predicted)
        if gain > 0.75:
            nu = max(nu / 5.0, LEAST_DAMPING)
        elif gain < 0.25:
            nu *= 2.0
        loss, square = new_loss, new
        copy(trial, w)
        copy(there, here)
    return loss, np.sqrt(square)


@njit
def descend(w, r, c, probability, importance, steps):
    """Take gradient steps of length 1/(1 + max_j ‖W_j‖²) from the flat parameter w, overwritten."""
    gradient = np.empty(w.shape[0])
    for _ in range(steps):
        _gradient(w, r, c, probability, importance, gradient)
        largest = 0.0
        for j in range(c):
            square = 0.0
            for h in range(r):
                square += w[h * c + j] ** 2
            largest = max(largest, square)
        for i in range(w.shape[0]):
            w[i] -= gradient[i] / (1.0 + largest)


@njit
def zeros(w, descents, r, c, probability, importance, tol, max_steps, rows, loss, norm):
    """Move starts w (m, d) by so many gradient steps (m,), then by ``zero``; write w, loss and norm (m,)."""
    for k in range(w.shape[0]):
        descend(w[k], r, c, probability, importance, descents[k])
        loss[k], norm[k] = zero(w[k], r, c, probability, importance, FIRST_DAMPING, tol, max_steps, rows)
