import numpy as np
import pytest

from fer_core.errors import InputError
from fer_core.labels import N_EXPRESSIONS
from fer_core.sources.demo.people import DemoFaces, make_demo_faces

N_SUBJECTS = 7  # a multiple of the expressions: mixing the two up shows
N = 2 * N_SUBJECTS * N_EXPRESSIONS


@pytest.fixture(scope="module")
def drawn() -> DemoFaces:
    return make_demo_faces(N, N_SUBJECTS, size=48, wrong_share=0.1, seed=3)


def test_shapes_and_types_are_as_documented(drawn: DemoFaces) -> None:
    assert drawn.faces.shape == (N, 48, 48)
    assert drawn.faces.dtype == np.uint8
    for column in (drawn.expression, drawn.drawn_expression, drawn.subject):
        assert column.shape == (N,)
        assert column.dtype == np.int64
    for column in (drawn.ambiguous, drawn.wrong_label):
        assert column.shape == (N,)
        assert column.dtype == np.bool_


def test_no_face_is_flat_and_no_two_are_the_same(drawn: DemoFaces) -> None:
    assert drawn.faces.std(axis=(1, 2)).min() > 5
    assert len({face.tobytes() for face in drawn.faces}) == N


def test_the_same_seed_draws_the_same_faces_whatever_the_global_random_state(drawn: DemoFaces) -> None:
    again = make_demo_faces(N, N_SUBJECTS, size=48, wrong_share=0.1, seed=3)
    for name in DemoFaces.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(drawn, name), getattr(again, name))


def test_another_seed_draws_other_faces(drawn: DemoFaces) -> None:
    other = make_demo_faces(N, N_SUBJECTS, size=48, wrong_share=0.1, seed=4)
    assert not np.array_equal(drawn.faces, other.faces)
    assert not np.array_equal(drawn.drawn_expression, other.drawn_expression)


def test_every_subject_shows_every_expression_equally_often(drawn: DemoFaces) -> None:
    pairs, counts = np.unique(np.stack([drawn.subject, drawn.drawn_expression]), axis=1, return_counts=True)
    assert pairs.shape[1] == N_SUBJECTS * N_EXPRESSIONS
    assert set(counts) == {2}


def test_wrong_labels_are_as_many_as_asked_and_exactly_the_ones_recorded(drawn: DemoFaces) -> None:
    assert drawn.wrong_label.sum() == round(0.1 * N)
    np.testing.assert_array_equal(drawn.wrong_label, drawn.expression != drawn.drawn_expression)
    assert drawn.expression.min() >= 0
    assert drawn.expression.max() < N_EXPRESSIONS


def test_about_an_eighth_of_the_faces_is_ambiguous(drawn: DemoFaces) -> None:
    assert 0.1 < drawn.ambiguous.mean() < 0.14


def test_progress_ends_with_all_the_faces() -> None:
    calls: list[tuple[str, int, int]] = []
    make_demo_faces(70, 5, size=24, progress=lambda doing, done, total: calls.append((doing, done, total)))
    assert calls == [("drawing faces", 50, 70), ("drawing faces", 70, 70)]


def test_too_few_faces_for_the_subjects_are_refused_with_the_least_number() -> None:
    with pytest.raises(InputError, match="at least 35"):
        make_demo_faces(34, 5)
