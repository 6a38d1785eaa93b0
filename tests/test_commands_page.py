"""docs/commands.md, made from the help of the commands."""

from tests.commands_page import PAGE, build_page, list_commands


def test_the_page_is_what_the_help_makes():
    assert PAGE.read_text(encoding="utf-8") == build_page(), "run make commands"


def test_every_command_explains_itself_and_its_options():
    silent = [
        (name, option.name)
        for name, command in list_commands()
        for option in [*command.params, command]
        if not option.help and getattr(option, "param_type_name", "option") == "option"
    ]
    assert not silent
