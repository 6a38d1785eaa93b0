from fer_core.bench import bench_assemble
from tests.samples import write_fer2013


def test_both_ways_are_timed_and_nothing_is_left_in_the_workspace(tmp_path, workspace):
    document = bench_assemble(write_fer2013(tmp_path))
    assert document["n"] == 42
    assert document["ratio"] == document["assemble_s"] / document["row_by_row_s"]
    assert not workspace.exists()
