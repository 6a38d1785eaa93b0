"""`fer extend`: more epochs for a finished run, as a new run."""

from typing import Annotated

import typer

from fer_core.cli.options import NameOption, Place, SetOption, grouped
from fer_core.cli.output import AsJson, print_json
from fer_core.cli.queue import describe_place


@grouped
def extend(
    run_id: str,
    epochs: Annotated[int, typer.Option(help="passes over the training faces to add", min=1)],
    place: Place,
    name: NameOption = None,
    set_: SetOption = None,
    json: AsJson = False,
) -> None:
    """Queue a new run that continues the finished run RUN_ID from its best weights, at a rate that keeps them."""
    from fer_core.runners import submit
    from fer_core.runs.config import parse_settings
    from fer_core.runs.create import command_line
    from fer_core.runs.extend import describe_extension, extend_config
    from fer_core.runs.find import get_run

    run = get_run(run_id)
    config = extend_config(run, epochs, {**({"name": name} if name else {}), **parse_settings(set_ or [])})
    sentence = describe_extension(run, config)
    made = submit.submit(config, command_line(), place.slurm())
    if json:
        document = {"run_id": made.run_id, "state": made.state.value, "path": str(made.path)}
        print_json({**document, "init": config.init, "schedule": config.schedule, "sentence": sentence})
        return
    print(sentence)
    print(f"{made.run_id} is queued on {describe_place(made)}. Watch it with fer jobs, or in the dashboard.")
