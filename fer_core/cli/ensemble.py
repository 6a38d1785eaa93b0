"""`fer ensemble`: average several runs."""

from typing import Annotated

import typer

from fer_core.base.files import read_json
from fer_core.base.text import percent
from fer_core.cli.output import AsJson, print_json, print_table


def ensemble(
    runs: Annotated[list[str], typer.Argument(help="run ids or titles, two or more")],
    name: Annotated[str, typer.Option(help="a title for the run")] = "",
    greedy: Annotated[
        bool, typer.Option("--greedy", help="choose members and weights on the validation faces")
    ] = False,
    json: AsJson = False,
) -> None:
    """Average the probabilities of RUNS in a new run."""
    from fer_core.runs.find import get_run
    from fer_core.studies.ensemble import make_ensemble

    made = make_ensemble([get_run(run_id) for run_id in runs], name, greedy)
    info = made.info
    if json:
        print_json({**read_json(made.path / "run.json"), "report": read_json(made.path / "report.json")})
        return
    if greedy:
        picks = [(i, p.run_id, percent(p.val_accuracy)) for i, p in enumerate(info.selection, start=1)]
        print_table(("picks", "added", "validation accuracy of the mean"), picks)
    print_table(("member", "model", "weight"), [(m.run_id, m.model, m.weight) for m in info.members])
    print(f"{made.run_id}: {made.job.message}")
