"""How far the teachers are with the faces, and how long it will take."""

from fer_core.runs.origins.teacher_progress import Countdown, read_teacher_progress


def test_the_time_left_follows_from_the_share_done(tmp_path, monkeypatch):
    now = iter([100.0, 110.0, 110.0, 110.0])
    monkeypatch.setattr("fer_core.runs.origins.teacher_progress.time.perf_counter", lambda: next(now))
    with Countdown(tmp_path, 4) as countdown:
        countdown.tell(0, 0.5)
        assert read_teacher_progress(tmp_path) == {"share": 0.125, "eta_s": 70.0}
