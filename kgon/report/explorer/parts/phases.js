// Free energies of the phases in closed form, with the constants of a theory, and their occupancies.

/** F_n = βn L + λ log(βn) + constant; at β = 1 the same for both kinds of theory. */
function freeEnergy(phase, strength) {
  return strength * phase.loss + phase.lambda * Math.log(strength) + phase.constant;
}

/** The share of each phase in the posterior: exp(−F_n), normalised. */
function occupancies(phases, strength) {
  const energies = phases.map(phase => freeEnergy(phase, strength));
  const least = Math.min(...energies);
  const weights = energies.map(energy => Math.exp(least - energy));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map(weight => weight / total);
}
