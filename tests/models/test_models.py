import pytest
import torch

from fer_core.errors import InputError
from fer_core.models.build import build_model, target_layer
from fer_core.models.names import MODEL_NAMES
from fer_core.models.weights import init_weights

SMALL = ("compact", "compact_small", "resnet18", "mobilenet_v3_small", "efficientnet_b0")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "name", [name if name in SMALL else pytest.param(name, marks=pytest.mark.slow) for name in MODEL_NAMES]
)
def test_every_network_takes_its_channels_and_gives_seven_logits(name, channels):
    model = build_model(name, channels, dropout=0.4).eval()
    assert model(torch.zeros(2, channels, 48, 48)).shape == (2, 7)
    assert target_layer(name, model) in set(model.modules())
    assert {m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)} == {0.4}


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="choose one of compact, "):
        build_model("resnet5")


def test_imagenet_weights_in_the_right_place_are_taken_with_grey_input(tmp_path, monkeypatch):
    from torchvision.models import ResNet18_Weights, resnet18

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    file = tmp_path / "checkpoints" / ResNet18_Weights.DEFAULT.url.rsplit("/", 1)[1]
    file.parent.mkdir()
    torch.manual_seed(1)
    state = resnet18().state_dict()
    torch.save(state, file)
    model = build_model("resnet18", 1)
    assert "120 of 122 tensors from imagenet" in init_weights(model, "resnet18", "imagenet")
    assert torch.equal(model.state_dict()["layer4.1.conv2.weight"], state["layer4.1.conv2.weight"])
    assert torch.allclose(model.state_dict()["conv1.weight"], state["conv1.weight"].sum(1, keepdim=True))


def test_imagenet_weights_that_cannot_be_fetched_name_the_file_and_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))

    def fail(*args, **options):
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(InputError, match=rf"save it as resnet18-f37072fd\.pth in {tmp_path}/checkpoints"):
        init_weights(build_model("resnet18"), "resnet18", "imagenet")


def test_the_projects_own_network_has_no_imagenet_weights():
    with pytest.raises(InputError, match="compact_small has no ImageNet weights"):
        init_weights(build_model("compact_small"), "compact_small", "imagenet")


def test_a_network_of_one_head_gives_its_last_layer_to_the_first_of_two(tmp_path):
    one, two = build_model("compact_small"), build_model("compact_small", n_heads=2)
    votes = two.head.weight[7:].clone()
    torch.save(one.state_dict(), tmp_path / "a.pt")
    init_weights(two, "compact_small", f"file:{tmp_path / 'a.pt'}")
    assert torch.equal(two.head.weight[:7], one.head.weight)
    assert torch.equal(two.head.weight[7:], votes)


def test_weights_of_another_architecture_are_refused(tmp_path):
    torch.save(build_model("mobilenet_v3_small").state_dict(), tmp_path / "a.pt")
    with pytest.raises(InputError, match="belong to another architecture"):
        init_weights(build_model("compact"), "compact", f"file:{tmp_path / 'a.pt'}")
