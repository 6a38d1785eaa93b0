"""Two heads, two answers: how a face would be labelled, and what most people would say of it."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.evaluation.metrics import score
from fer_core.evaluation.report import find_voted
from fer_core.inference.explain import explain_face
from fer_core.inference.logits import predict_heads, predict_logits
from fer_core.inference.photo import predict_photo
from fer_core.labels import INDEX
from fer_core.models.build import build_model
from fer_core.models.checkpoints import read_network, write_weights
from fer_core.models.heads import LOGITS, read_heads
from fer_core.models.network import Calibration, Ensemble, Network, People, ask
from fer_core.models.preprocess import Preprocessing
from fer_core.models.probabilities import softmax
from fer_core.models.state_files import read_state_dict
from fer_core.models.weights import load_matching
from fer_core.runs.find import get_run
from fer_core.training import people_head
from fer_core.training.people_head import add_people_head, compute_features, fit_layer
from tests.helpers.command import call
from tests.helpers.photo import draw_photo
from tests.helpers.samples import make_dataset, make_voted_dataset
from tests.helpers.trained import finish
from tests.helpers.training import new_run, train

FACES = np.random.default_rng(0).integers(0, 256, (6, 48, 48), dtype=np.uint8)


def make_network(seed=0, share=0.75, **calibrations):
    torch.manual_seed(seed)
    model = build_model("compact_small", n_heads=2).eval()
    people = People(share, calibrations.get("people", Calibration()))
    plain = Preprocessing(face_px=48, input_px=32, channels=1, mean=(0.5,), std=(0.25,))
    return Network(
        model=model,
        name="compact_small",
        preprocessing=plain,
        calibration=calibrations.get("labels", Calibration()),
        people=people,
    )


def probs_of(network, head):
    return softmax(predict_logits(ask(network, head), FACES).astype(np.float64))


def test_the_people_answer_is_a_mixture_of_both_heads_and_the_labels_answer_is_not():
    network = make_network(share=0.75)
    alone = probs_of(replace(network, people=People(1.0)), "people")
    labels = probs_of(network, "labels")
    assert np.abs(alone - labels).max() > 0.01
    assert np.allclose(probs_of(network, "people"), 0.75 * alone + 0.25 * labels, atol=1e-6)
    assert np.allclose(probs_of(replace(network, people=People(0.0)), "people"), labels, atol=1e-6)


def test_each_head_has_its_own_calibration():
    biases = (0.5, 0, 0, -1, 0, 0, 0.25)
    plain, sharp = make_network(), make_network(labels=Calibration(0.5, biases), people=Calibration(2.0))
    before, after = predict_heads(plain, FACES), predict_heads(sharp, FACES)
    assert np.allclose(after["labels"], before["labels"] * 2 + np.array(biases), atol=1e-5)
    assert np.allclose(after["people"], before["people"] / 2, atol=1e-5)


def test_a_weights_file_keeps_both_heads_and_all_that_their_answers_are_made_of(tmp_path):
    network = make_network(labels=Calibration(0.9, (0.1,) * 7), people=Calibration(1.3, (0.0, 0.2, 0, 0, 0, 0, 0)))
    write_weights(tmp_path / "a.safetensors", network)
    again = read_network(tmp_path / "a.safetensors")
    assert (again.calibration, again.people, again.heads) == (network.calibration, network.people, ("labels", "people"))
    assert read_heads(tmp_path / "a.safetensors") == again.heads
    for head in again.heads:
        assert np.allclose(probs_of(again, head), probs_of(network, head), atol=1e-6)


def test_a_network_of_one_head_answers_as_labels_and_says_so_when_asked_for_people(tmp_path):
    torch.manual_seed(0)
    plain = Preprocessing(face_px=48, input_px=32, channels=1, mean=(0.5,), std=(0.25,))
    write_weights(
        tmp_path / "a.safetensors",
        Network(model=build_model("compact_small").eval(), name="compact_small", preprocessing=plain),
    )
    network = read_network(tmp_path / "a.safetensors")
    assert ask(network, None).head == "labels"
    assert read_heads(tmp_path / "a.safetensors") == ("labels",)
    with pytest.raises(InputError, match="has no people head"):
        ask(network, "people")


def test_an_ensemble_answers_by_the_mean_of_its_members_answers_and_only_if_all_can():
    members = make_network(0), make_network(1, share=0.5)
    both = Ensemble(members=members, weights=(2, 1), people=People())
    assert ask(both, None).head == "people"
    for head in ("labels", "people"):
        mean = (2 * probs_of(members[0], head) + probs_of(members[1], head)) / 3
        assert np.allclose(probs_of(both, head), mean, atol=1e-6)
    assert replace(both, members=(members[0], replace(members[1], people=None))).heads == ("labels",)


def test_a_heat_map_is_of_the_head_that_answers():
    network = make_network()
    both = [explain_face(ask(network, head), FACES[0], "happy") for head in ("labels", "people")]
    assert np.abs(both[0] - both[1]).max() > 0.01
    swapped = build_model("compact_small", n_heads=2).eval()
    swapped.load_state_dict(network.model.state_dict())
    with torch.no_grad():
        swapped.head.weight.copy_(network.model.head.weight.roll(7, 0))
    assert np.allclose(explain_face(replace(network, model=swapped), FACES[0], "happy"), both[1])


def test_the_first_of_two_heads_fills_a_network_of_one():
    two, one = build_model("compact_small", n_heads=2), build_model("compact_small")
    assert load_matching(one, two.state_dict()) == len(one.state_dict())
    assert torch.equal(one.head.weight, two.head.weight[:7])


def test_what_most_people_voted_is_the_largest_share_and_nothing_where_nobody_did():
    votes = np.zeros((4, 7), np.float32)
    votes[0, 3], votes[0, 6], votes[1] = 0.4, 0.6, np.nan
    votes[3, [1, 4]] = 0.5
    assert find_voted(votes).tolist() == ["neutral", "", "", "disgust"]


def test_a_training_on_votes_keeps_both_heads_and_reports_each_against_labels_and_votes(tmp_path):
    dataset = make_voted_dataset(tmp_path)
    run = train(new_run(dataset="voted", votes_weight=1.0))
    table = pd.read_parquet(run.path / "predictions.parquet")
    assert read_heads(run.best_weights) == ("labels", "people")
    assert set(table["voted"]) == {"happy"}
    network = read_network(run.best_weights)
    for split in ("val", "test"):
        rows, part = dataset.rows(split), table[table["split"] == split]
        for head in ("labels", "people"):
            probs = softmax(predict_logits(ask(network, head), dataset.faces[rows]).astype(np.float64))
            assert np.allclose(softmax(part[LOGITS[head]].to_numpy(np.float64)), probs, atol=1e-5)
            found = run.report[split] if head == "labels" else run.report[split].people
            assert found.head == head
            assert found.accuracy == score(probs, dataset.labels[rows]).accuracy
            voted = score(probs, np.full(len(rows), INDEX["happy"]))
            assert found.against_votes.accuracy == voted.accuracy
    assert run.report["test"].people.against_votes.accuracy == 1.0  # nine of ten voted happy on each face


def test_a_people_head_is_fitted_to_the_votes_with_the_network_as_it_was(tmp_path):
    make_voted_dataset(tmp_path)
    run = finish(new_run(dataset="voted", epochs=1))
    before = read_state_dict(run.best_weights)
    assert read_heads(run.best_weights) == ("labels",)
    report = add_people_head(run)
    after = read_state_dict(run.best_weights)
    assert read_heads(run.best_weights) == ("labels", "people")
    assert all(torch.equal(after[name][: len(tensor)], tensor) for name, tensor in before.items() if tensor.ndim)
    assert report["test"].people.against_votes.accuracy == 1.0
    assert {split: scores.to_document() for split, scores in get_run(run.run_id).report.items()} == {
        split: scores.to_document() for split, scores in report.items()
    }


def test_a_fitted_layer_gives_each_face_the_shares_of_its_votes():
    network = make_network()
    features = compute_features(network, FACES)
    assert features.shape == (6, 2, network.model.head.in_features)
    outputs = network.model.head(features).logsumexp(0)
    assert outputs.shape == (2, 14)
    votes = torch.eye(7)[torch.arange(6)] * 0.8 + 0.2 / 7
    probs = fit_layer(features, votes)(features).softmax(2)
    assert torch.allclose(probs, votes[:, None], atol=0.05)


def test_a_people_head_that_cannot_be_fitted_leaves_the_run_as_it_was(tmp_path, monkeypatch):
    make_voted_dataset(tmp_path)
    run = finish(new_run(dataset="voted", epochs=1))
    before = {path.name: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    monkeypatch.setattr(people_head, "compute_features", lambda *_: torch.full((14, 2, 128), torch.inf))
    monkeypatch.setattr(people_head, "_build_targets", lambda *_: (np.arange(14), torch.eye(7).repeat(2, 1)))
    with pytest.raises(InputError, match=r"No people head can be fitted.*lower learning rate"):
        add_people_head(run)
    assert before == {path.name: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}


def test_a_run_that_has_not_finished_takes_no_people_head(tmp_path):
    make_voted_dataset(tmp_path)
    run = train(new_run(dataset="voted", epochs=2), 4)
    with pytest.raises(InputError, match="is stopped; only a finished run can get a people head"):
        add_people_head(run)


def test_a_network_that_answers_with_no_numbers_is_refused():
    network = make_network()
    with torch.no_grad():
        network.model.head.bias[0] = torch.nan
    with pytest.raises(InputError, match="outputs are not finite: its weights are damaged, or its training diverged"):
        predict_photo(network, Image.fromarray(FACES[0]).convert("RGB"), [])


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [({"head": "foo"}, "Unknown head 'foo': choose one of labels, people"),
     ({"views": "foo"}, "Unknown views 'foo': choose one of one, flip, ten_crop, wide")],
)  # fmt: skip
def test_an_unknown_head_or_number_of_views_is_refused(tmp_path, choice, sentence):
    make_dataset(tmp_path)
    with pytest.raises(InputError, match=sentence):
        evaluate_run(get_run("bundled"), "test", "tiny", **choice)


def test_nobody_can_add_a_people_head_without_votes(tmp_path):
    make_dataset(tmp_path)
    run = finish(new_run(epochs=1))
    with pytest.raises(InputError, match="Nobody voted on the training faces of tiny"):
        add_people_head(run)


def test_evaluate_asks_the_head_that_is_named_and_takes_all_faces(tmp_path, capsys):
    dataset = make_voted_dataset(tmp_path)
    run = finish(new_run(dataset="voted", votes_weight=1.0, epochs=1))
    capsys.readouterr()  # the training's own lines
    for head in ("labels", "people"):
        code, out, _ = call(capsys, "evaluate", run.run_id, "--split", "all", "--head", head, "--json")
        document = json.loads(out)
        assert (code, document["head"], document["n"]) == (0, head, len(dataset.table))
    assert evaluate_run(run, "test").head == "labels"


def test_a_photo_is_answered_by_the_people_head_unless_labels_are_asked_for(tmp_path, capsys):
    draw_photo(("sad",), seed=1).save(tmp_path / "photo.png")
    asked = [("people", ()), ("labels", ("--head", "labels"))]
    answers = []
    for head, options in asked:
        _, out, _ = call(capsys, "predict", tmp_path / "photo.png", *options, "--json")
        assert json.loads(out)["head"] == head
        answers.append(json.loads(out)["photos"][0]["faces"][0]["probabilities"])
    assert answers[0] != answers[1]


def test_evaluate_averages_the_views_that_are_asked_for(tmp_path, capsys):
    make_voted_dataset(tmp_path)
    run = finish(new_run(dataset="voted", epochs=1))
    capsys.readouterr()
    each = [
        json.loads(call(capsys, "evaluate", run.run_id, "--views", views, "--json")[1]) for views in ("flip", "wide")
    ]
    assert each[0]["nll"] == pytest.approx(run.report["test"].nll, abs=1e-6)
    assert each[0]["nll"] != each[1]["nll"]
    code, _, err = call(capsys, "evaluate", run.run_id, "--views", "ten_crop")
    assert (code, "ten crops are not available" in err) == (2, True)
