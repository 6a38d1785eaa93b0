"""Pages begin every test with empty caches: a cached answer would come from another test's workspace."""

import pytest
import streamlit as st

from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from tests.helpers.samples import make_dataset
from tests.helpers.trained import finish
from tests.helpers.training import TINY


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def run(tmp_path):
    make_dataset(tmp_path)
    return finish(create_run(build_config({**TINY, "epochs": 2}), "test"))
