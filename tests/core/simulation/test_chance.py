"""The generator against its published test vectors, and what streams promise."""

import numba
import numpy as np
import pytest
from scipy import stats

from regrow.simulation import random_streams

ALL_ONES = 0xFFFFFFFF


@numba.njit
def _block(c: int, k: int) -> tuple[int, int, int, int]:
    c, k = np.uint64(c), np.uint64(k)
    return random_streams.philox(c, c, c, c, k, k)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (ALL_ONES, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ],
)
def test_philox_gives_random123s_vectors(word: int, expected: tuple[int, ...]) -> None:
    assert expected == tuple(int(x) for x in _block(word, word))


def test_normals_are_normal_and_are_their_uniforms_quantiles() -> None:
    ids = np.arange(50_000)
    draws = np.zeros(50_000, dtype=np.int64)
    u, z = (
        f(7, ids, draws, random_streams.TRAITS) for f in (random_streams.uniforms, random_streams.normals)
    )

    assert stats.norm.ppf(u) == pytest.approx(z, abs=1e-13)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-4


def test_a_new_stream_or_another_draw_shares_nothing() -> None:
    ids, draws = np.arange(1000), np.zeros(1000, dtype=np.int64)
    one = random_streams.uniforms(7, ids, draws, random_streams.TRAITS)

    assert not np.any(one == random_streams.uniforms(7, ids, draws, random_streams.VISITS))
    assert not np.any(one == random_streams.uniforms(7, ids, draws + 1, random_streams.TRAITS))
    assert np.array_equal(
        one[:, 5:9], random_streams.uniforms(7, ids[5:9], draws[5:9], random_streams.TRAITS)
    )
