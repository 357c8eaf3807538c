"""The outcome of a course, and of a clinic's courses: what counts, and what is said when nothing can."""

from regrow.outcomes import clinic_outcomes, course_outcome
from tests.content import knowledge
from tests.course_factory import course, dose, score

PHQ9 = knowledge.scale("phq-9")


def test_a_course_without_a_dose_has_no_outcome_and_says_why() -> None:
    found = course_outcome(PHQ9, course([score(0, 20)]))
    assert (found.change, found.infusions, found.why_not) == (None, 0, "no infusion has been given yet")


def test_a_course_needs_a_score_before_and_after_the_first_infusion() -> None:
    after_only = course_outcome(PHQ9, course([score(1, 20)], [dose(0)]))
    assert after_only.change is None and "from before the first infusion" in str(after_only.why_not)
    before_only = course_outcome(PHQ9, course([score(0, 20)], [dose(0)]))
    assert before_only.change is None and "since the first infusion" in str(before_only.why_not)


def test_scores_in_two_languages_are_not_compared_and_the_reason_is_given() -> None:
    found = course_outcome(PHQ9, course([score(0, 20), score(1, 8, language="es")], [dose(0)]))
    assert found.change is None and found.infusions == 1 and found.why_not


def test_the_last_valid_score_is_compared_with_the_baseline() -> None:
    scores = [score(0, 20), score(1, 12), score(2, 4), score(3, None)]
    found = course_outcome(PHQ9, course(scores, [dose(0), dose(1), dose(2)]))
    assert found.change is not None
    assert (found.change.now, found.infusions, found.why_not) == (4, 3, None)
    assert found.change.response and found.change.remission


def test_clinic_outcomes_count_every_patient_with_an_infusion() -> None:
    courses = [
        course([score(0, 20), score(1, 4)], [dose(0)]),  # remission
        course([score(0, 20), score(1, 10)], [dose(0)]),  # response at exactly half
        course([score(0, 20), score(1, 22)], [dose(0)]),  # worse
        course([score(0, 20)], [dose(0)]),  # no score since: started, not counted
        course([score(0, 20)]),  # not started
    ]
    found = clinic_outcomes(PHQ9, courses)
    assert (found.started, found.counted, found.responded, found.remitted, found.worse) == (4, 3, 2, 1, 1)
