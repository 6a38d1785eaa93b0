import pytest

from fer_core.errors import InputError
from fer_core.runs.config import TrainConfig
from fer_core.studies.search.ranges import Range, parse_range, parse_ranges, searchable_fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "learning_rate=0.01..0.3:log", Range(field="learning_rate", low=0.01, high=0.3, log=True), id="log"
        ),
        pytest.param("dropout = 0 .. .5", Range(field="dropout", low=0.0, high=0.5), id="spaces and no zero"),
        pytest.param(
            "weight_decay=1e-5..1e-2:log", Range(field="weight_decay", low=1e-5, high=1e-2, log=True), id="exponents"
        ),
        pytest.param("epochs=5..20", Range(field="epochs", low=5, high=20), id="whole numbers"),
        pytest.param("optimizer=sgd|adamw", Range(field="optimizer", choices=("sgd", "adamw")), id="words"),
        pytest.param("flip=true|false", Range(field="flip", choices=(True, False)), id="yes or no"),
        pytest.param("channels=1|3", Range(field="channels", choices=(1, 3)), id="numbers as choices"),
    ],
)
def test_a_range_is_read_from_its_text_and_written_back(text, expected):
    assert parse_range(text) == expected
    assert parse_range(str(expected)) == expected


def test_whole_numbers_stay_whole():
    assert type(parse_range("epochs=5..20").low) is int


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("learning_rate=0..0.3", "^learning_rate: should be greater than 0, got 0"),
        ("learning_rate=0.1..99", "^learning_rate: should be less than or equal to 10, got 99"),
        ("learning_rate=high..low", "^learning_rate: expected two numbers as low..high, got 'high..low'"),
        ("learning_rate=..0.3", "^learning_rate: expected two numbers"),
        ("learning_rate=0.3..0.01", "^learning_rate: the range 0.3..0.01 is empty"),
        ("learning_rate=0.01..0.3:ln", "^learning_rate: unknown scale 'ln'"),
        ("dropout=0..0.5:log", "^dropout: a log scale must begin above 0"),
        ("epochs=5.5..20", "^epochs: expected two whole numbers"),
        ("epochs=0..20", "^epochs: should be greater than or equal to 1, got 0"),
        ("optimizer=1..2", "^optimizer is not a number"),
        ("optimizer=sgd|lion", "^optimizer: should be 'sgd', 'adam', 'adamw' or 'radam', got 'lion'"),
        ("optimizer=sgd", "^optimizer: the range 'sgd' needs at least two different choices"),
        ("optimizer=sgd|sgd", "^optimizer: the range 'sgd|sgd' needs at least two different choices"),
        ("model=compact|resnet5", "^model: unknown"),
        ("rate=0.1..0.2", "expected field=low..high, .* with one of the fields balance"),
        ("learning_rate", "expected field=low..high"),
    ],
)
def test_a_wrong_range_is_refused_by_a_sentence_that_names_the_field(text, message):
    with pytest.raises(InputError, match=message.replace("|", r"\|")):
        parse_range(text)


@pytest.mark.parametrize("field", ["dataset", "name", "seed", "device", "threads"])
def test_the_data_the_machine_and_the_seed_are_not_searched(field):
    assert field in TrainConfig.model_fields
    assert field not in searchable_fields()


def test_a_search_needs_one_range_a_field():
    with pytest.raises(InputError, match="needs at least one range"):
        parse_ranges([])
    with pytest.raises(InputError, match="epochs has 2 ranges"):
        parse_ranges(["epochs=1..2", "epochs=3..4"])
