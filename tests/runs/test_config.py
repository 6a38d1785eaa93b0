import pytest

from fer_core.errors import InputError
from fer_core.runs.config import TrainConfig, build_config, parse_settings


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("learning_rate", -1), ("learning_rate", float("nan")), ("epochs", 0), ("batch_size", 1), ("model", "resnet5"),
        ("channels", 2), ("init", "elsewhere"), ("device", "tpu"), ("dropout", 1.0), ("no_such_field", 1),
        ("folds", 1), ("fold", 1),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_a_sentence_that_names_the_field(field, value):
    with pytest.raises(InputError, match=f"^{field}: "):
        build_config({"dataset": "demo", field: value})


def test_a_fold_is_one_of_the_folds():
    assert build_config({"dataset": "demo", "folds": 3, "fold": 2}).fold == 2
    with pytest.raises(InputError, match="fold: must be less than folds, got 3"):
        build_config({"dataset": "demo", "folds": 3, "fold": 3})


def test_settings_are_read_as_json_where_they_are_json():
    assert parse_settings(["epochs=3", "flip=false", "model=vgg19_bn", "learning_rate=1e-3"]) == {
        "epochs": 3, "flip": False, "model": "vgg19_bn", "learning_rate": 0.001,
    }  # fmt: skip


@pytest.mark.parametrize("setting", ["epochs", "epoch=3"])
def test_a_setting_that_is_none_says_what_is_expected(setting):
    with pytest.raises(InputError, match="expected FIELD=VALUE with a field of the config"):
        parse_settings([setting])


def test_every_field_has_a_group_and_a_description():
    for name, info in TrainConfig.model_fields.items():
        assert info.description, name
        assert info.json_schema_extra["group"], name


@pytest.mark.parametrize(
    ("setting", "hint"),
    [("learnin_rate=1", "Did you mean learning_rate?"), ("zzz=1", "The fields are dataset, name")],
)
def test_an_unknown_field_is_answered_with_the_nearest_or_with_all(setting, hint):
    with pytest.raises(InputError) as caught:
        parse_settings([setting])
    assert hint in str(caught.value)
