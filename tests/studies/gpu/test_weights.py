"""ImageNet weights in a pack. The state is made here: nothing is fetched, no package is needed."""

from zipfile import ZipFile

import pytest
import torch

from fer_core.errors import InputError
from fer_core.models.build import build_model
from fer_core.models.weights import init_weights
from fer_core.studies.gpu.weights import list_pretrained, pack_weights
from tests.helpers.samples import make_dataset
from tests.helpers.tables import row, write_file


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The folder in which torch looks for weights of ResNet-18, and the state of some that lie there."""
    from torchvision.models import ResNet18_Weights, resnet18

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    file = tmp_path / "hub" / "checkpoints" / ResNet18_Weights.DEFAULT.url.rsplit("/", 1)[1]
    file.parent.mkdir(parents=True)
    torch.manual_seed(1)
    state = resnet18().state_dict()
    torch.save(state, file)
    return file, state


def rows(tmp_path, *texts):
    make_dataset(tmp_path)
    return list(write_file(tmp_path, *texts).rows.values())


def starting_from_imagenet(name: str, model: str) -> str:
    return row(name).replace('model = "compact_small"', f'model = "{model}", init = "imagenet"')


def test_only_rows_that_start_from_imagenet_carry_weights_and_each_network_once(tmp_path):
    texts = [row("a"), *(starting_from_imagenet(name, "resnet18") for name in "bc")]
    made = rows(tmp_path, *texts)
    assert list_pretrained(made) == {"resnet18": "b"}
    assert pack_weights(tmp_path / "weights.zip", made[:1]) == []
    assert not (tmp_path / "weights.zip").exists()


def test_packed_weights_are_half_as_large_and_start_a_network_where_they_are_unpacked(tmp_path, hub, monkeypatch):
    file, state = hub
    packed = tmp_path / "weights.zip"
    (name,) = pack_weights(packed, rows(tmp_path, starting_from_imagenet("a", "resnet18")))
    assert name == file.name
    assert packed.stat().st_size < 0.51 * file.stat().st_size
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "there"))
    ZipFile(packed).extractall(tmp_path / "there" / "checkpoints")
    model = build_model("resnet18", 3)
    assert "120 of 122 tensors from imagenet" in init_weights(model, "resnet18", "imagenet")
    kernel, vector = "layer3.0.conv1.weight", "layer3.0.bn1.running_var"
    assert torch.equal(model.state_dict()[kernel], state[kernel].half().float())
    assert torch.equal(model.state_dict()[vector], state[vector])


def test_packed_weights_of_timm_are_found_by_their_name(tmp_path, monkeypatch):
    timm = pytest.importorskip("timm")
    name = "timm:tf_efficientnet_lite0"
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    torch.manual_seed(1)
    state = timm.create_model("tf_efficientnet_lite0").to(memory_format=torch.channels_last).state_dict()
    with monkeypatch.context() as patch:
        patch.setattr("fer_core.models.timm_nets.read_imagenet", lambda name, input_px: state)
        (packed,) = pack_weights(tmp_path / "weights.zip", rows(tmp_path, starting_from_imagenet("a", name)))
    assert packed == "tf_efficientnet_lite0.in1k.safetensors"
    ZipFile(tmp_path / "weights.zip").extractall(tmp_path / "checkpoints")
    model = build_model(name, 3)
    assert "294 of 296 tensors from imagenet" in init_weights(model, name, "imagenet")
    kernel = "blocks.3.1.conv_dw.weight"
    assert torch.equal(model.state_dict()[kernel], state[kernel].half().float())


def test_a_row_whose_weights_cannot_be_had_is_named(tmp_path, hub, monkeypatch):
    hub[0].unlink()

    def fail(*args, **options):
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(InputError, match=r"The row a cannot be packed: .*no route to host.*Or pack other rows"):
        pack_weights(tmp_path / "weights.zip", rows(tmp_path, starting_from_imagenet("a", "resnet18")))
