"""The outcome of a course: first comparable score against the last one, and what is missing without them."""

from regrow.outcomes import clinic_outcomes, course_outcome
from tests.content import knowledge
from tests.course_factory import course, dose, score

PHQ = knowledge.scale("phq-9")


def why_not(*scores: object, doses: int = 1) -> str | None:
    return course_outcome(PHQ, course(scores, [dose(n) for n in range(doses)])).why_not


def test_a_course_without_comparable_scores_names_what_is_missing() -> None:
    assert why_not(score(0, 20), doses=0) == "no infusion has been given yet"
    assert why_not(score(1, 10)) == "no PHQ-9 from before the first infusion"
    assert why_not(score(0, 20)) == "no PHQ-9 since the first infusion"
    assert why_not(score(0, 20), score(1, None)) == "no PHQ-9 since the first infusion"
    assert "language" in str(why_not(score(0, 20), score(1, 10, language="es")))


def test_the_last_valid_score_after_the_first_infusion_counts() -> None:
    found = course_outcome(PHQ, course([score(0, 20), score(1, 12), score(2, 9), score(3, None)], [dose(0)]))

    assert found.change is not None and found.why_not is None
    assert (found.change.points, found.change.response, found.change.remission) == (-11, True, False)
    assert found.infusions == 1


def test_the_clinic_counts_a_course_without_a_score_as_started_and_not_as_responded() -> None:
    remitted = course([score(0, 20), score(1, 3)], [dose(0)])
    worse = course([score(0, 10), score(1, 14)], [dose(0)])
    unknown = course([score(0, 20)], [dose(0), dose(1)])
    waiting = course([score(0, 20)])
    found = clinic_outcomes(PHQ, [remitted, worse, unknown, waiting])

    assert (found.started, found.counted, found.responded, found.remitted, found.worse) == (3, 2, 1, 1, 1)
