"""Completion for bash, zsh and fish, made from the command line's own description (arguments.py).

`python -m flexnetd.cli.completion bash|zsh|fish` prints it; packaging/completion/ holds what it printed, and a test
holds one to the other. The generated files need nothing but their shell: no helper of bash-completion, no Python.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flexnetd.cli.arguments import parser_in
from flexnetd.client.language import language_named


@dataclass(frozen=True, slots=True)
class Option:
    """`flags` as typed; `value` the metavar of its value, "" for a switch."""

    flags: tuple[str, ...]
    explained: str
    value: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """`words` from the program's name to this command. `file` is true when it takes a file."""

    words: tuple[str, ...]
    explained: str
    options: tuple[Option, ...]
    commands: tuple[Command, ...]
    file: bool

    @property
    def name(self) -> str:
        return self.words[-1]

    def every(self) -> Iterator[Command]:
        """This and every command below it."""
        yield self
        for command in self.commands:
            yield from command.every()


def command_from_parser(parser: argparse.ArgumentParser, words: tuple[str, ...], explained: str = "") -> Command:
    options, commands, file = [], [], False
    # argparse can be asked what it knows by its protected lists only.
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            commands = [command_from_parser(sub, (*words, name), helps[name]) for name, sub in action.choices.items()]
        elif action.option_strings:
            options.append(_option(action))
        else:
            file = file or action.dest == "file"
    return Command(words, explained, tuple(options), tuple(commands), file)


def flexnet_command() -> Command:
    return command_from_parser(parser_in(language_named("en")), ("flexnet",))


def bash(root: Command) -> str:
    cases = "\n".join(
        f"        {_pattern(command)}) words={_quoted(_bash_words(command))} ;;" for command in root.every()
    )
    values = "\n".join(
        f"        {flag}) words={_quoted(' '.join(option.choices))} ;;"
        for flag, option in sorted(_options_with_value(root).items())
    )
    files = "|".join(_pattern(command) for command in root.every() if command.file)
    return f"""\
# {_MADE}
_flexnet() {{
    local word at=flexnet words= previous=${{COMP_WORDS[COMP_CWORD-1]}} current=${{COMP_WORDS[COMP_CWORD]}}
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$at $word" in
        {"|".join(_pattern(command) for command in root.every() if len(command.words) > 1)}) at="$at $word" ;;
        esac
    done
    case "$at" in
{cases}
    esac
    case "$previous" in
{values}
    esac
    COMPREPLY=()
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
    case "$at" in
        {files}) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current") ;;
    esac
}}
complete -F _flexnet flexnet
"""


def zsh(root: Command) -> str:
    functions = "\n".join(_zsh_function(command) for command in root.every())
    return f'#compdef flexnet\n# {_MADE}\n{functions}\n_flexnet "$@"\n'


def fish(root: Command) -> str:
    lines = [f"# {_MADE}", "complete -c flexnet -f"]
    for command in root.every():
        condition = _fish_condition(command)
        for below in command.commands:
            lines.append(f"complete -c flexnet{condition} -a {below.name} -d {_quoted(below.explained)}")
        for option in command.options:
            lines.append(f"complete -c flexnet{condition}{_fish_option(option)}")
        if command.file:
            lines.append(f"complete -c flexnet{condition} -F")
    return "\n".join(lines) + "\n"


RENDERERS: Mapping[str, Callable[[Command], str]] = {"bash": bash, "zsh": zsh, "fish": fish}

_MADE = "Made by flexnetd/cli/completion.py from the command line's own description."


def _option(action: argparse.Action) -> Option:
    value = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
    choices = tuple(str(choice) for choice in action.choices or ())
    return Option(tuple(action.option_strings), (action.help or "").replace("%(prog)s", "flexnet"), value, choices)


def _options_with_value(root: Command) -> dict[str, Option]:
    return {
        flag: option for command in root.every() for option in command.options if option.value for flag in option.flags
    }


def _pattern(command: Command) -> str:
    return _quoted(" ".join(command.words))


def _bash_words(command: Command) -> str:
    flags = (flag for option in command.options for flag in option.flags)
    return " ".join((*(below.name for below in command.commands), *flags))


def _zsh_function(command: Command) -> str:
    name = "_" + "_".join(word.replace("-", "_") for word in command.words)
    specs = [_zsh_option(option) for option in command.options]
    if command.file:
        specs.append(_quoted("1:file:_files"))
    if not command.commands:
        return f"{name}() {{\n    _arguments -s {' '.join(specs)}\n}}"
    below = " ".join(_quoted(f"{each.name}:{each.explained}") for each in command.commands)
    cases = "\n".join(f"        {each.name}) {name}_{each.name.replace('-', '_')} ;;" for each in command.commands)
    return f"""\
{name}() {{
    local state line
    local -a below=({below})
    _arguments -s -C {" ".join(specs)} '1:command:->command' '*::argument:->argument'
    case $state in
        command) _describe command below ;;
        argument) case $line[1] in
{cases}
        esac ;;
    esac
}}"""


def _zsh_option(option: Option) -> str:
    """'(-h --help)'{-h,--help}'[...]'; every flag of an option shuts out the others."""
    value = f":{option.value}:({' '.join(option.choices)})" if option.value else ""
    explained = option.explained.replace("[", "(").replace("]", ")")
    if len(option.flags) == 1:
        return _quoted(f"{option.flags[0]}[{explained}]{value}")
    return f"'({' '.join(option.flags)})'{{{','.join(option.flags)}}}{_quoted(f'[{explained}]{value}')}"


def _fish_condition(command: Command) -> str:
    """When exactly this command stands on the line: its words are there, and none of the commands below it."""
    seen = [f"__fish_seen_subcommand_from {word}" for word in command.words[1:]]
    if command.commands:
        seen.append("not __fish_seen_subcommand_from " + " ".join(below.name for below in command.commands))
    return f" -n {_quoted('; and '.join(seen))}" if seen else ""


def _fish_option(option: Option) -> str:
    flags = "".join(f" -l {flag[2:]}" if flag.startswith("--") else f" -s {flag[1:]}" for flag in option.flags)
    value = f" -x -a {_quoted(' '.join(option.choices))}" if option.value else ""
    return f"{flags}{value} -d {_quoted(option.explained)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "’") + "'"


def main() -> None:
    sys.stdout.write(RENDERERS[sys.argv[1]](flexnet_command()))


if __name__ == "__main__":
    main()
