"""Teachers: the same views for teacher and student, cross-fitted probabilities, and the file that keeps them."""

import numpy as np
import pytest
import torch

from fer_core.base.files import read_json, write_json
from fer_core.datasets.folds import deal_folds
from fer_core.errors import InputError
from fer_core.export.card import build_card
from fer_core.inference.logits import predict_logits
from fer_core.models.checkpoints import read_network
from fer_core.models.probabilities import softmax
from fer_core.runners import local
from fer_core.runs.config import build_config
from fer_core.runs.find import delete_run, get_run
from fer_core.runs.origins.learned import read_learned, to_numbers
from fer_core.runs.origins.teacher_progress import read_teacher_progress
from fer_core.studies.kfold import start_folds
from fer_core.training.augment import augment, render
from fer_core.training.distributed import Ranks
from fer_core.training.loader import TrainBatches, build_preprocessing
from fer_core.training.losses import compute_loss
from fer_core.training.seeded_views import SeededViews
from fer_core.training.targets import build_targets
from fer_core.training.teacher import load_teacher_probs
from fer_core.training.trainer import Stopped, Trainer
from tests.helpers.ranks import Played
from tests.helpers.samples import make_dataset
from tests.helpers.trained import Stop, finish
from tests.helpers.training import TINY, epochs_of, last_weights, new_run, train

VIEWS = {"teacher": "bundled", "teacher_views": 3, "teacher_share": 0.8, "erasing": 0.5}


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    return make_dataset(tmp_path)


@pytest.fixture
def group():
    config = build_config({**TINY, "epochs": 1, "name": "tried", "folds": 2})
    group = start_folds(config, "fer kfold")
    for run in group.runs:
        finish(run)
    return group


def probs_of(run, dataset, **options):
    return load_teacher_probs(run, dataset, "cpu", **options)


def ask(network, faces, views, view, rows):
    """What a network says of one seeded view of some faces, by torch alone."""
    shown = views.pick(torch.full((len(rows),), view), torch.as_tensor(rows))
    with torch.inference_mode():
        logits = network.model(render(torch.from_numpy(faces[rows].copy()), shown, network.preprocessing))[:, :7]
    return softmax(network.calibration.apply(logits.log_softmax(1).numpy()).astype(np.float64))


def test_the_student_sees_pixel_for_pixel_the_views_that_the_teacher_judged(tiny, monkeypatch):
    judged = []

    def keep(batch, transforms, preprocessing):
        judged.append(render(batch, transforms, preprocessing))
        return judged[-1]

    monkeypatch.setattr("fer_core.training.teacher.render", keep)
    run = new_run(teacher=finish(new_run(epochs=1)).run_id, teacher_views=3, erasing=0.5)
    probs = probs_of(run, tiny)
    shown = torch.stack(judged, 1)  # (n, V, C, S, S)
    batches = TrainBatches(tiny, run.config, build_preprocessing(tiny, run.config), "cpu", probs)
    chosen = set()
    for epoch in range(4):
        order, step = batches._order(epoch), 4
        for i, batch in enumerate(batches.epoch(epoch)):
            for x, row, teacher in zip(batch.x, order[i * step : (i + 1) * step], batch.teacher, strict=True):
                (view,) = [v for v in range(3) if torch.equal(shown[row, v], x)]
                assert torch.equal(batches.teacher[row, view], teacher)
                chosen.add(view)
    assert chosen == {0, 1, 2}


def test_the_file_is_float16_by_face_and_view_and_says_what_the_network_says_of_each(tiny):
    run = new_run(**VIEWS)
    probs = probs_of(run, tiny)
    stored = np.load(run.path / "teacher.npy")
    assert (stored.shape, stored.dtype) == ((14, 3, 7), np.float16)
    assert np.array_equal(stored, probs)
    network, rows = read_network(get_run("bundled").best_weights), tiny.rows("train")
    views = SeededViews(14, 48, run.config)
    for view in range(3):
        assert np.allclose(probs[:, view], ask(network, tiny.faces[rows], views, view, np.arange(14)), atol=1e-3)


def test_several_teachers_have_the_mean_of_their_probabilities_whatever_their_input(tiny):
    teachers = ["bundled", finish(new_run(epochs=1, channels=3)).run_id]
    run = new_run(**{**VIEWS, "teacher": ",".join(teachers)})
    each = [probs_of(new_run(**{**VIEWS, "teacher": name}), tiny) for name in teachers]
    assert np.allclose(probs_of(run, tiny), np.mean(each, 0, dtype=np.float64), atol=2e-3)


def test_what_a_teacher_says_ends_in_the_loss(tiny):
    told = np.random.default_rng(0).dirichlet(np.ones(7), (14, 1)).astype(np.float16)
    config = build_config(
        {**TINY, "teacher": "x", "teacher_share": 0.7, "teacher_temperature": 2, "label_smoothing": 0}
    )
    batches = TrainBatches(tiny, config, build_preprocessing(tiny, config), "cpu", told)
    batch, order = next(batches.epoch(0)), batches._order(0)[:4]
    softened = told[order, 0].astype(np.float64) ** 0.5
    softened /= softened.sum(1, keepdims=True)
    assert np.allclose(batch.teacher, softened, atol=1e-6)
    logits = torch.randn(4, 7, generator=torch.Generator().manual_seed(0), requires_grad=True)
    p, hot = (logits / 2).softmax(1).detach().numpy(), logits.detach().log_softmax(1).numpy()
    hard = -hot[range(4), batch.labels]
    soft = 4 * -(softened * np.log(p)).sum(1) + 3 * (softened * np.log(softened)).sum(1)
    loss = compute_loss(logits, batch.targets, batch.votes, config, None, batch.teacher)
    assert loss.item() == pytest.approx((0.3 * hard + 0.7 * soft).mean(), rel=1e-5)
    loss.backward()
    plain = np.exp(hot)
    plain[range(4), batch.labels] -= 1  # the gradients of Hinton et al.: p - t, and T (p_T - q_T)
    assert np.allclose(logits.grad, (0.3 * plain + 0.7 * 2 * (p - softened)) / 4, atol=1e-6)


def test_at_temperature_1_the_loss_is_cross_entropy_against_the_mixed_target():
    config = build_config({"dataset": "x", "teacher_share": 0.4, "teacher_temperature": 1, "focal_gamma": 2})
    generator = torch.Generator().manual_seed(0)
    logits, weights = torch.randn(5, 7, generator=generator), torch.rand(7, generator=generator)
    targets, told = (torch.randn(5, 7, generator=generator).softmax(1) for _ in range(2))
    votes = torch.zeros(5, 7)
    mixed = compute_loss(logits, torch.lerp(targets, told, 0.4), votes, config, weights)
    assert torch.allclose(compute_loss(logits, targets, votes, config, weights, told), mixed)


@pytest.mark.parametrize("n_views", [0, 3])
def test_a_face_is_judged_by_the_network_of_the_fold_that_left_it_out(tiny, group, n_views):
    run = new_run(teacher=group.group_id, teacher_views=n_views)
    probs, rows = probs_of(run, tiny), tiny.rows("train")
    fold_of, views = deal_folds(tiny.table, 2)[rows], SeededViews(14, 48, run.config) if n_views else None
    assert set(fold_of) == {0, 1}
    for fold, member in enumerate(group.runs):
        network, mine = read_network(member.best_weights), np.flatnonzero(fold_of == fold)
        faces = tiny.faces[rows]
        said = (
            ask(network, faces, views, 2, mine)
            if views
            else softmax(predict_logits(network, faces[mine]).astype(np.float64))
        )
        assert np.allclose(probs[mine, -1], said, atol=1e-3)
    assert probs.shape == (14, max(1, n_views), 7)


def test_a_run_taught_by_a_cross_validation_learned_what_all_of_its_networks_learned(tiny, group):
    run = train(new_run(teacher="tried", epochs=1))
    assert run.config.teacher == f"kfold:{group.group_id}"
    rows = np.concatenate([tiny.rows("train"), tiny.rows("val")])
    assert read_learned(run.path).faces[:, 0].tolist() == sorted(to_numbers(tiny.digests[rows]).tolist())
    assert "fer kfold" in build_card(run)
    for member in group.runs:
        delete_run(member)
    late = new_run()
    write_json(late.path / "config.json", {**late.config.model_dump(), "teacher": run.config.teacher})
    train(late)
    assert f"a fold of {group.group_id} has been deleted" in late.exit.message


def test_a_cross_validation_that_is_not_done_is_no_teacher_yet(tiny):
    group = start_folds(build_config({**TINY, "epochs": 1, "name": "begun", "folds": 2}), "fer kfold")
    finish(group.runs[0])
    with pytest.raises(InputError, match=r"teacher: 1 of 2 folds of \S+ have finished\. Wait .* fer kfold resume"):
        new_run(teacher="kfold:begun")
    finish(group.runs[1])
    delete_run(group.runs[1])
    with pytest.raises(InputError, match=r"teacher: a fold of \S+ has been deleted.* Cross-validate again"):
        new_run(teacher="kfold:begun")


def test_a_run_as_teacher_of_faces_that_it_learned_is_told_with_the_better_one(tiny, group, capsys):
    plain = finish(new_run(epochs=1))
    capsys.readouterr()
    probs_of(new_run(teacher=plain.run_id), tiny, say=print)
    out = capsys.readouterr().out
    assert f"The teacher {plain.run_id} was trained on 14 of the 14 training faces" in out
    assert f"the cross-validation kfold:{group.group_id} has a network for each face that was not trained on it." in out
    probs_of(new_run(teacher=group.group_id), tiny, say=print)
    probs_of(new_run(teacher="bundled"), tiny, say=print)
    assert "was trained on" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "stop_after",
    [pytest.param(n, marks=[] if n in (2, 8) else pytest.mark.slow) for n in (0, 2, 3, 5, 8, 11)],
    ids=lambda n: f"after {n} looks",
)
def test_stopped_while_judging_or_within_an_epoch_it_ends_with_the_very_weights(stop_after):
    values = {**VIEWS, "epochs": 2, "teacher_temperature": 3, "mixup": 0.3}
    whole, halted = finish(new_run(**values)), train(new_run(**values), stop_after)
    assert halted.exit.state == "stopped"
    kept = np.load(halted.path / "teacher.npy") if stop_after else np.empty((14, 0, 7))
    assert kept.shape[1] == min(stop_after, 3)
    train(halted)
    assert halted.exit.state == "finished"
    assert np.array_equal(np.load(whole.path / "teacher.npy"), np.load(halted.path / "teacher.npy"))
    weights = last_weights(whole)
    assert all(torch.equal(weights[key], tensor) for key, tensor in last_weights(halted).items())
    assert epochs_of(halted) == epochs_of(whole)


def test_a_run_that_an_earlier_version_began_goes_on_with_its_own_probabilities_unsoftened(tiny):
    run = train(new_run(teacher="bundled"), stop_after=7)
    later = ("teacher_views", "teacher_temperature", "labels_from", "people_from")
    config = {name: value for name, value in read_json(run.path / "config.json").items() if name not in later}
    write_json(run.path / "config.json", config)
    told = np.random.default_rng(0).dirichlet(np.ones(7), 14).astype(np.float32)
    np.save(run.path / "teacher.npy", told)
    trainer = Trainer(run, Stop())
    trainer.metrics.close()
    assert run.config.teacher_temperature == 1
    labels = build_targets(tiny, tiny.rows("train"), run.config)
    assert torch.equal(
        trainer.data.batches.targets, torch.lerp(labels, torch.from_numpy(told), run.config.teacher_share)
    )
    assert (
        trainer.data.batches.teacher is None
    )  # mixed into the targets as it was then: a loss that is the same to the bit
    batch, order = next(trainer.data.batches.epoch(1)), trainer.data.batches._order(1)[:4]
    generator = torch.Generator()
    generator.set_state(step_generator(trainer, 3).get_state())
    assert torch.equal(
        batch.x, augment(trainer.data.batches.faces[order], run.config, trainer.data.preprocessing, generator)
    )
    assert train(run).exit.state == "finished"


def step_generator(trainer, step):
    from fer_core.training.loader import step_seed

    return torch.Generator().manual_seed(step_seed(trainer.config.seed, step))


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (np.zeros((13, 3, 7), np.float16), "for 13 faces in 3 views, but training has 14 in 3. Delete it"),
        (np.zeros((14, 4, 7), np.float16), "for 14 faces in 4 views, but training has 14 in 3"),
        (None, "is damaged .* Delete it"),
    ],
    ids=["faces", "views", "damaged"],
)
def test_probabilities_of_other_faces_or_views_are_refused(tiny, kept, message):
    run = new_run(**VIEWS)
    if kept is None:
        (run.path / "teacher.npy").write_bytes(b"\x93NUMPY broken")
    else:
        np.save(run.path / "teacher.npy", kept)
    with pytest.raises(InputError, match=message):
        probs_of(run, tiny)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"teacher_views": 8}, "teacher: teacher_views is 8, but no teacher is named"),
        ({"teacher": "none"}, "teacher: There is no run 'none'.* or a cross-validation"),
        ({"teacher": "kfold:none"}, "^teacher: 'none' does not match exactly one cross-validation"),
        ({"teacher": "kfold:"}, "^teacher: '' does not match exactly one cross-validation"),
        ({"teacher": "bundled, bundled"}, "^teacher: bundled is named twice. Name each teacher once"),
    ],
    ids=["none named", "no such run", "no such cross-validation", "no name", "twice"],
)
def test_teachers_that_are_not_there_are_named(group, values, message):
    with pytest.raises(InputError, match=message):
        new_run(**values)


def test_ranks_judge_a_part_each_and_have_the_whole_together(tiny):
    alone = probs_of(new_run(**VIEWS), tiny)
    parts = [probs_of(new_run(**VIEWS), tiny, ranks=Played(rank=rank, size=3)) for rank in range(3)]
    assert all((part.sum(2) > 0).sum() < alone[..., 0].size for part in parts)
    assert np.allclose(np.sum(parts, 0, dtype=np.float64), alone, atol=1e-3)


def test_a_stop_is_looked_for_in_every_chunk_and_the_progress_is_gone_afterwards(tiny):
    run, looks = new_run(**VIEWS), []

    def check():
        looks.append(read_teacher_progress(run.path))
        if len(looks) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        probs_of(run, tiny, ranks=Ranks(), check_stop=check)
    assert looks[0] == {"share": 0.0, "eta_s": None}
    assert read_teacher_progress(run.path) is None
