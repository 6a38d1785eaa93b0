import numpy as np
import pandas as pd
import pytest
import torch

from fer_core.base.text import percent
from fer_core.datasets.dataset import delete_dataset, open_dataset
from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.export.run import export_run
from fer_core.inference.explain import explain_face
from fer_core.inference.logits import predict_logits
from fer_core.models.build import build_model
from fer_core.models.checkpoints import read_network, write_weights
from fer_core.models.heads import LOGITS
from fer_core.models.network import Calibration, Ensemble, Network
from fer_core.models.preprocess import Preprocessing
from fer_core.models.probabilities import softmax
from fer_core.runs.find import delete_run, get_run, list_runs
from fer_core.runs.origins.learned import Learned, join_learned, read_learned, write_learned
from fer_core.runs.run import Run
from fer_core.runs.summary import summarise
from fer_core.studies.ensemble import make_ensemble
from fer_core.studies.greedy import Pick
from tests.helpers.samples import make_dataset
from tests.helpers.trained import finish
from tests.helpers.training import new_run, train

FACES = np.random.default_rng(0).integers(0, 256, (5, 48, 48)).astype(np.uint8)


def network(seed, name="compact_small", input_px=32, channels=1, temperature=1.0):
    torch.manual_seed(seed)
    model = build_model(name, channels).eval().to(memory_format=torch.channels_last)
    return Network(
        model=model,
        name=name,
        preprocessing=Preprocessing(
            face_px=48, input_px=input_px, channels=channels, mean=(0.5,) * channels, std=(0.25,) * channels
        ),
        calibration=Calibration(temperature),
    )


@pytest.fixture(scope="module")
def unlike():
    """Members of two architectures, input sizes and channels, one of them sharpened."""
    return Ensemble(
        members=(network(0, temperature=0.2), network(1, "resnet18", 24, 3)),
        weights=(2, 1),
        calibration=Calibration(1.5),
    )


@pytest.fixture
def runs(tmp_path):
    make_dataset(tmp_path)
    return [finish(new_run(epochs=2, seed=seed, name=f"seed {seed}")) for seed in (0, 1)]


def probs_of(run, split):
    table = pd.read_parquet(run.path / "predictions.parquet")
    return softmax(table.loc[table["split"] == split, LOGITS["labels"]].to_numpy(np.float64))


def test_an_ensemble_answers_with_the_weighted_mean_of_its_members_probabilities(unlike):
    first, second = (softmax(predict_logits(member, FACES).astype(np.float64)) for member in unlike.members)
    logits = predict_logits(unlike, FACES)
    assert logits.dtype == np.float32
    assert np.allclose(softmax(1.5 * logits.astype(np.float64)), (2 * first + second) / 3, atol=1e-6)


def test_saved_and_read_again_an_ensemble_of_ensembles_gives_equal_logits(unlike, tmp_path):
    nested = Ensemble(members=(unlike, network(2)), weights=(1, 3))
    write_weights(tmp_path / "a.safetensors", nested)
    again = read_network(tmp_path / "a.safetensors")
    assert np.array_equal(predict_logits(again, FACES), predict_logits(nested, FACES))
    assert again.face_px == 48


def test_its_heatmap_is_the_weighted_mean_of_its_members(unlike):
    first, second = (explain_face(member, FACES[0], "sad") for member in unlike.members)
    heatmap = explain_face(unlike, FACES[0], "sad")
    assert heatmap.dtype == np.float32
    assert np.allclose(heatmap, (2 * first + second) / 3, atol=1e-6)


def test_the_run_of_an_ensemble_is_the_calibrated_mean_of_the_runs(runs):
    made = make_ensemble(runs)
    calibration = read_network(made.best_weights).calibration
    for split in ("val", "test"):
        mean = np.mean([probs_of(run, split) for run in runs], 0)
        assert np.allclose(probs_of(made, split), softmax(calibration.apply(np.log(mean))), atol=1e-6)
    assert made.report["test"].temperature == calibration.temperature
    assert made.report["test"].ece_before is not None
    assert made.report["test"].absent_in_training == made.info.absent_in_training == ()
    assert evaluate_run(made, "test").confusion == made.report["test"].confusion
    assert evaluate_run(made, "val").ece == pytest.approx(made.report["val"].ece, abs=1e-5)


def test_an_ensemble_is_listed_with_its_scores_and_survives_its_members(runs):
    made = make_ensemble(runs, "both")
    before = evaluate_run(made, "test")
    row = summarise(made)
    assert (row.title, row.state, row.model, row.n_epochs) == ("both", "finished", "ensemble of 2", 0)
    assert row.val_accuracy == made.report["val"].accuracy
    for run in (*runs, made):
        test = run.report["test"]
        assert run.exit.message.endswith(f"test accuracy {percent(test.accuracy)} on {test.n} faces")
    for run in runs:
        delete_run(run)
    assert evaluate_run(get_run("both"), "test") == before
    delete_run(made)
    assert list_runs() == []


def test_greedy_selection_looks_at_the_validation_faces_alone_and_its_picks_are_recorded(runs, monkeypatch):
    seen = []

    def pick(probs, y_true):
        seen.append((probs, y_true))
        return [Pick(1, 0.5, 1.0), Pick(0, 0.6, 0.9), Pick(1, 0.7, 0.8)]

    monkeypatch.setattr("fer_core.studies.ensemble.select_greedily", pick)
    made = make_ensemble(runs, greedy=True)
    ((probs, y_true),) = seen
    dataset = open_dataset("tiny")
    assert np.array_equal(probs, np.stack([probs_of(run, "val") for run in runs]))
    assert np.array_equal(y_true, dataset.labels[dataset.rows("val")])
    ids = [run.run_id for run in runs]
    assert [(m.run_id, m.weight) for m in made.members] == [(ids[1], 2), (ids[0], 1)]
    assert [p.run_id for p in made.info.selection] == [ids[1], ids[0], ids[1]]
    assert [*made.info.candidates] == ids
    assert [p.val_accuracy for p in made.info.selection] == [0.5, 0.6, 0.7]
    assert read_network(made.best_weights).weights == (2, 1)
    expected = (2 * probs_of(runs[1], "test") + probs_of(runs[0], "test")) / 3
    assert np.array_equal(probs_of(made, "test").argmax(1), expected.argmax(1))


def test_greedy_selection_that_finds_no_help_makes_nothing(runs, monkeypatch):
    monkeypatch.setattr("fer_core.studies.ensemble.select_greedily", lambda probs, y_true: [Pick(1, 0.5, 1.0)])
    with pytest.raises(InputError, match=f"No other run improves {runs[1].run_id}"):
        make_ensemble(runs, greedy=True)
    assert len(list_runs()) == 2


def test_what_cannot_be_averaged_is_refused_in_a_sentence(runs, tmp_path):
    first = runs[0]
    with pytest.raises(InputError, match="needs at least two runs, got 1"):
        make_ensemble([first, get_run(first.run_id)])
    with pytest.raises(InputError, match=r"has no predictions \(lost\)"):
        make_ensemble([first, new_run()])
    make_dataset(tmp_path, "other", seed=1)
    with pytest.raises(InputError, match="was trained on another data set"):
        make_ensemble([first, finish(new_run(dataset="other", epochs=1))])


def rewrite(run, change):
    path = run.path / "predictions.parquet"
    change(pd.read_parquet(path)).to_parquet(path, index=False)


def test_members_are_joined_by_their_faces_and_not_by_their_order(runs):
    expected = probs_of(make_ensemble(runs), "test")
    rewrite(runs[1], lambda table: table.iloc[::-1])
    assert np.allclose(probs_of(make_ensemble(runs), "test"), expected)
    rewrite(runs[1], lambda table: table.assign(digest=np.roll(table["digest"], 1)))
    with pytest.raises(InputError, match="was validated on other faces"):
        make_ensemble(runs)


def test_an_ensemble_learned_what_any_of_its_members_did(runs):
    rewrite(runs[1], lambda table: table.assign(copy_in_train=table["face_id"] == table["face_id"].iloc[-1]))
    extra = Learned(np.array([[5, 6]], np.uint64))
    write_learned(runs[1].path, join_learned([read_learned(runs[1].path), extra]))
    made = make_ensemble(runs)
    assert (made.report["test"].n_without_copies, made.report["test"].n_on_copies) == (13, 1)
    faces = read_learned(made.path).faces
    assert faces.tolist() == [[5, 6], *read_learned(runs[0].path).faces.tolist()]


def test_members_of_an_earlier_version_are_marked_anew_or_not_at_all(runs):
    dataset = open_dataset("tiny")

    def make_old(table):
        rows = dataset.find_rows(table["face_id"], table["digest"])
        return table.drop(columns=["digest", "near_copy_in_train"]).assign(row=rows, copy_in_train=True)

    rewrite(runs[0], make_old)
    made = make_ensemble(runs)
    assert (made.report["test"].n_without_copies, made.report["test"].n_without_near_copies) == (14, 14)
    delete_dataset("tiny")
    assert make_ensemble(runs).report["test"].n_without_copies is None


def test_members_for_faces_of_two_sizes_are_refused(runs):
    small = Preprocessing(face_px=32, input_px=32, channels=1, mean=(0.5,), std=(0.25,))
    write_weights(
        runs[1].best_weights, Network(model=build_model("compact_small"), name="compact_small", preprocessing=small)
    )
    with pytest.raises(InputError, match="needs faces of 32 px"):
        make_ensemble(runs)


def test_a_failure_leaves_no_folder(runs, workspace, monkeypatch):
    def fail(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("fer_core.studies.ensemble.write_identity", fail)
    with pytest.raises(PermissionError):
        make_ensemble(runs)
    assert len(list((workspace / "runs").glob("2*"))) == 2


def test_an_ensemble_may_teach_and_may_be_a_member(runs):
    made = make_ensemble(runs, "both")
    pupil = train(new_run(epochs=1, teacher=made.run_id))
    larger = make_ensemble([made, pupil])
    assert [m.model for m in larger.members] == ["ensemble of 2", "compact_small"]
    assert evaluate_run(larger, "test").confusion == larger.report["test"].confusion


def test_an_exported_ensemble_scores_the_same_and_its_card_tells_members_and_commands(runs, tmp_path):
    made = make_ensemble(runs, "both of them")
    export_run(made, tmp_path / "out")
    exported = Run(tmp_path / "out")
    assert evaluate_run(exported, "test").confusion == made.report["test"].confusion
    card = (tmp_path / "out" / "CARD.md").read_text()
    first, second = (run.run_id for run in runs)
    assert f"| `{second}` | compact_small | 1 |" in card
    commands = [line.split("#")[0].strip() for line in card.splitlines() if line.startswith("    ")]
    assert commands == ["test", "test", f"fer ensemble {first} {second} --name 'both of them'"]
