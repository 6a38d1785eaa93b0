from fer_core.data.demo import make_demo


def test_the_demo_data_set_is_named_drawn_split_by_person_and_the_same_every_time():
    dataset = make_demo(n=420)
    assert dataset.info["drawn"] is True
    assert (dataset.table.groupby("subject")["split"].nunique() == 1).all()
    assert {"drawn_expression", "ambiguous"} <= set(dataset.table)
    assert min(dataset.info["splits"].values()) > 0
    assert make_demo("again", n=420).info["fingerprint"] == dataset.info["fingerprint"]
