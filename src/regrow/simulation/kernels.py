"""The hot loops of a trial, patient by patient in compiled code. Each has its plain twin in `pharmacology`.

Every loop treats a patient by that patient's own numbers alone, and blocks always have the same size, so a patient's
course does not depend on who else is in the run.
"""

import math
from typing import Any

import numpy as np

from regrow.pharmacology.numerics import compiled, exp, log, mean_decay, roots_of_three, roots_of_two

from .arrays import Floats, Whole

MODES = 9  # of the racemate: three of either enantiomer's, two of norketamine's, the effect site's


@compiled
def racemate_modes(
    v1: Floats,
    cl: Floats,
    vn: Floats,
    cln: Floats,
    shared: Floats,
    binding: Floats,
    ke0: float,
    rate: Floats,
    weight: Floats,
) -> None:
    """Binding at the effect site after 1 mg at once, as Σ weight·e^(−rate·t); rate, weight: (9, patient).

    shared: r_cl, q2, v2, q3, v3, qn, vnp; binding per ng/mL of S, R, S-nor, R-nor.
    """
    r_cl, q2, v2, q3, v3, qn, vnp = (
        shared[0],
        shared[1],
        shared[2],
        shared[3],
        shared[4],
        shared[5],
        shared[6],
    )
    for i in range(v1.shape[0]):
        m1, m2, b1, b2 = roots_of_two(cln[i] / vn[i], qn / vn[i], qn / vnp)
        rate[6, i], rate[7, i], rate[8, i] = m1, m2, ke0
        weight[6, i], weight[7, i] = 0.0, 0.0
    for form in range(2):
        times = r_cl if form == 1 else 1.0
        first = 3 * form
        for i in range(v1.shape[0]):
            k10 = cl[i] * times / v1[i]
            l1, l2, l3, c1, c2, c3 = roots_of_three(k10, q2 / v1[i], q2 / v2, q3 / v1[i], q3 / v3)
            rate[first, i], rate[first + 1, i], rate[first + 2, i] = l1, l2, l3
            weight[first, i], weight[first + 1, i], weight[first + 2, i] = c1, c2, c3
        for i in range(v1.shape[0]):
            m1, m2 = rate[6, i], rate[7, i]
            far = qn / vnp
            b1, b2 = (m1 - far) / (m1 - m2), (far - m2) / (m1 - m2)
            own = 500.0 * binding[form] / v1[i]
            passed = 500.0 * binding[2 + form] * cl[i] * times / v1[i] / vn[i]
            for mode in range(first, first + 3):
                c = weight[mode, i]
                d1, d2 = apart(m1, rate[mode, i]), apart(m2, rate[mode, i])
                weight[mode, i] = c * (own + passed * (b1 / d1 + b2 / d2))
                weight[6, i] -= c * passed * b1 / d1
                weight[7, i] -= c * passed * b2 / d2
    for i in range(v1.shape[0]):
        total = 0.0
        for mode in range(8):
            weight[mode, i] *= ke0 / apart(ke0, rate[mode, i])
            total += weight[mode, i]
        weight[8, i] = -total


@compiled
def apart(a: float, b: float) -> float:
    """a − b, but never nearer to 0 than a part in 10⁷ of a: occupancy needs no more than that."""
    d = a - b
    least = 1e-7 * a
    if abs(d) < least:
        return least if d >= 0.0 else -least
    return d


@compiled
def occupancy(
    rate: Floats, weight: Floats, starts: Floats, ends: Floats, amounts: Floats, nodes: Floats, out: Floats
) -> None:
    """Occupancy at the nodes, out (node, patient), after inputs into the place whose answer the modes are.

    An input runs at amounts[i] mg/h from starts[i] to ends[i], or is amounts[i] mg at once where it ends at its start.
    """
    whole = np.zeros(rate.shape[1])
    for n in range(nodes.shape[0]):
        out[n] = 0.0
    for i in range(starts.shape[0]):
        length = ends[i] - starts[i]
        for mode in range(rate.shape[0]):
            _fed(rate[mode], weight[mode], amounts[i], length, whole)
            for n in range(nodes.shape[0]):
                since = nodes[n] - starts[i]
                if since <= 0.0:
                    continue
                if since < length:
                    _at_a_rate(rate[mode], weight[mode], amounts[i], since, out[n])
                else:
                    _after(rate[mode], whole, since - (length if length > 0.0 else 0.0), out[n])
    for n in range(nodes.shape[0]):
        _occupied(out[n])


@compiled
def _fed(rate: Floats, weight: Floats, amount: Floats, length: float, out: Floats) -> None:
    for s in range(out.shape[0]):
        x = rate[s] * length
        times = length * mean_decay(x, exp(-x)) if length > 0.0 else 1.0
        out[s] = weight[s] * amount[s] * times


@compiled
def _at_a_rate(rate: Floats, weight: Floats, amount: Floats, running: float, x: Floats) -> None:
    for s in range(x.shape[0]):
        y = rate[s] * running
        x[s] += weight[s] * amount[s] * running * mean_decay(y, exp(-y))


@compiled
def _after(rate: Floats, whole: Floats, since: float, x: Floats) -> None:
    for s in range(x.shape[0]):
        x[s] += whole[s] * exp(-rate[s] * since)


@compiled
def _occupied(x: Floats) -> None:
    for s in range(x.shape[0]):
        bound = x[s] if x[s] > 0.0 else 0.0
        x[s] = bound / (1.0 + bound)


@compiled
def exposure_and_peak(occupied: Floats, weights: Floats, exposure: Floats, peak: Floats) -> None:
    """∫ occupancy in hours, and the largest at any node; occupied (node, patient)."""
    exposure[:] = 0.0
    peak[:] = 0.0
    for n in range(weights.shape[0]):
        for s in range(exposure.shape[0]):
            exposure[s] += occupied[n, s] * weights[n]
            peak[s] = occupied[n, s] if occupied[n, s] > peak[s] else peak[s]


@compiled
def drive(
    answer: Whole,
    half: Floats,
    power: Floats,
    downturn: Floats,
    constants: Floats,
    exposure: Floats,
    peak: Floats,
    out: Floats,
) -> None:
    """As `pharmacology.drive.drive_of`; constants: typical ∫ occupancy, typical peak, median half exposure,
    median downturn, power of the downturn, half exposure of the flat answer."""
    typical, typical_peak, median, low_turn, steep, low = (
        constants[0],
        constants[1],
        constants[2],
        constants[3],
        constants[4],
        constants[5],
    )
    at_typical = 1.0 / (1.0 + exp(steep * log(typical_peak / low_turn)))
    for s in range(out.shape[0]):
        a = exposure[s] / typical
        top = a if a > 1e-300 else 1e-300
        square = a * a
        plateau = (1.0 + median * median) * square / (square + half[s] * half[s])
        monotone = exp(power[s] * log(top)) if a > 0.0 else 0.0
        high = peak[s] if peak[s] > 1e-300 else 1e-300
        kept = 1.0 / (1.0 + exp(steep * log(high / downturn[s])))
        flat = (1.0 + low * low) * square / (square + low * low)
        if answer[s] == 0:
            out[s] = plateau
        elif answer[s] == 1:
            out[s] = monotone
        elif answer[s] == 2:
            out[s] = plateau * kept / at_typical
        else:
            out[s] = flat


@compiled
def kicks(
    occupied: Floats,
    weights: Floats,
    nodes: Floats,
    piece: Any,
    ends: Floats,
    decay: Floats,
    synapse: Floats,
    per_hour: Floats,
    out: Floats,
) -> None:
    """What each piece leaves in the six numbers at its end, out (piece, 6, patient); as `pharmacology.cascade.kicks`.

    decay (6,) holds the rates that all share, its synapse entry unused; synapse (patient,) the own ones.
    """
    out[:] = 0.0
    for n in range(nodes.shape[0]):
        p = piece[n]
        ago = ends[p] - nodes[n]
        for k in range(6):
            if k == 3:
                _impulse_own(occupied[n], weights[n], synapse, ago, out[p, k])
            else:
                factor = weights[n] * exp(-decay[k] * ago)
                _impulse(occupied[n], factor, out[p, k])
    for p in range(out.shape[0]):
        for k in range(6):
            _scale(per_hour, out[p, k])


@compiled
def _impulse(occupied: Floats, factor: float, out: Floats) -> None:
    for s in range(out.shape[0]):
        out[s] += occupied[s] * factor


@compiled
def _impulse_own(occupied: Floats, weight: float, rate: Floats, ago: float, out: Floats) -> None:
    for s in range(out.shape[0]):
        out[s] += occupied[s] * (weight * exp(-rate[s] * ago))


@compiled
def _scale(factor: Floats, out: Floats) -> None:
    for s in range(out.shape[0]):
        out[s] *= factor[s]


@compiled
def pass_time(numbers: Floats, decay: Floats, synapse: Floats, by_h: float) -> None:
    """Lets the six numbers, (6, patient), decay by some hours."""
    for k in range(6):
        if k == 3:
            for s in range(synapse.shape[0]):
                numbers[k, s] *= exp(-synapse[s] * by_h)
        else:
            factor = exp(-decay[k] * by_h)
            for s in range(synapse.shape[0]):
                numbers[k, s] *= factor


@compiled
def share_left(
    numbers: Floats,
    into_benefit: Floats,
    theta: Floats,
    expects: Floats,
    recovers: Floats,
    expect: float,
    day: Floats,
    expecting_since: Floats,
    new_since: Floats,
    constants: Floats,
    out: Floats,
) -> None:
    """What is left of the score, as `pharmacology.mood`: benefit is Σ into_benefit·numbers.

    recovers: what time and an antidepressant do for a person, as a multiple on the logarithm of what they leave.

    constants: τ_E, τ_N in days, natural course, new antidepressant, τ and size of recovery from a crisis.
    """
    tau_e, tau_n, alone = 1.0 / constants[0], 1.0 / constants[1], constants[2]
    new, tau_c, crisis = constants[3], 1.0 / constants[4], constants[5]
    for s in range(out.shape[0]):
        benefit = (
            into_benefit[0, s] * numbers[0, s]
            + into_benefit[1, s] * numbers[1, s]
            + into_benefit[2, s] * numbers[2, s]
            + into_benefit[3, s] * numbers[3, s]
            + into_benefit[4, s] * numbers[4, s]
            + into_benefit[5, s] * numbers[5, s]
        )
        benefit = benefit if benefit > 0.0 else 0.0
        expected = expect * expects[s] * (1.0 - exp((expecting_since[s] - day[s]) * tau_e))
        since_new = day[s] - new_since[s]
        since_new = since_new if since_new > 0.0 else 0.0
        left = 1.0 - alone * (1.0 - exp(-day[s] * tau_n))
        left *= 1.0 - new * (1.0 - exp(-since_new * tau_n))
        left *= 1.0 - crisis * (1.0 - exp(-day[s] * tau_c))
        out[s] = exp(recovers[s] * log(left) - theta[s] * benefit - expected)


@compiled
def share_left_together(
    numbers: Floats,
    into_benefit: Floats,
    theta: Floats,
    expects: Floats,
    recovers: Floats,
    expect: float,
    day: float,
    expecting_since: float,
    new_since: float,
    constants: Floats,
    out: Floats,
) -> None:
    """As `share_left`, for patients with the same times. The sum is repeated here: a function call costs a third more."""
    expected = expect * (1.0 - math.exp((expecting_since - day) / constants[0]))
    since_new = day - new_since if day > new_since else 0.0
    left = 1.0 - constants[2] * (1.0 - math.exp(-day / constants[1]))
    left *= 1.0 - constants[3] * (1.0 - math.exp(-since_new / constants[1]))
    left *= 1.0 - constants[5] * (1.0 - math.exp(-day / constants[4]))
    log_left = math.log(left)
    for s in range(out.shape[0]):
        benefit = (
            into_benefit[0, s] * numbers[0, s]
            + into_benefit[1, s] * numbers[1, s]
            + into_benefit[2, s] * numbers[2, s]
            + into_benefit[3, s] * numbers[3, s]
            + into_benefit[4, s] * numbers[4, s]
            + into_benefit[5, s] * numbers[5, s]
        )
        benefit = benefit if benefit > 0.0 else 0.0
        out[s] = exp(recovers[s] * log_left - theta[s] * benefit - expected * expects[s])


@compiled
def rated(
    true: Floats, wobble: Floats, z: Floats, noise_sd: float, shift: Floats, top: float, out: Floats
) -> None:
    """The score as it is written down: true score, the person's up or down, the error of the rating, a whole number."""
    for s in range(out.shape[0]):
        score = true[s] + wobble[s] + noise_sd * z[s] + shift[s]
        whole = np.floor(score + 0.5)
        out[s] = 0.0 if whole < 0.0 else (top if whole > top else whole)


@compiled
def perceived(
    peak: Floats,
    typical_peak: float,
    tolerance: Floats,
    own: Floats,
    prone: Floats,
    u: Floats,
    constants: Floats,
    cadss: Floats,
    sedation: Floats,
    nausea: Floats,
) -> None:
    """What a session is like at its peak; as `pharmacology.acute`. constants: CADSS's logit of none, its slope, its
    mean at the typical peak, sedation's logit and slope, nausea's logit and slope. own: a person's CADSS, mean 1; prone: how much more easily than others, on the logit."""
    for s in range(peak.shape[0]):
        given = peak[s] > 0.0
        any_of_it = 1.0 / (1.0 + exp(-constants[0] - constants[1] * peak[s] - prone[s]))
        size = constants[2] * peak[s] / typical_peak * tolerance[s] * own[s]
        cadss[s] = np.floor(size + 0.5) if given and u[0, s] < any_of_it else 0.0
        drowsy = 1.0 / (1.0 + exp(-constants[3] - constants[4] * peak[s] - prone[s]))
        sick = 1.0 / (1.0 + exp(-constants[5] - constants[6] * peak[s] - prone[s]))
        sedation[s] = 1.0 if given and u[1, s] < drowsy else 0.0
        nausea[s] = 1.0 if given and u[2, s] < sick else 0.0
