"""Pages begin every test with empty caches: a cached answer would come from another test's workspace."""

import pytest
import streamlit as st


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()
