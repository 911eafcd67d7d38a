"""`flexnet-portal`: serve, set up, check, upgrade, back up, restore."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from pathlib import Path

from flexnetd.model.fault import Fault
from flexnetd.portal.config_file import read_config

EXIT_FAULT = 1


def main() -> None:
    arguments = parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    for chatty in ("alembic", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        arguments.run(arguments)
    except Fault as fault:
        print(f"flexnet-portal: {fault}", file=sys.stderr)
        sys.exit(EXIT_FAULT)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="flexnet-portal", description="The operator's portal of FlexNet.")
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="answer clients and gateways until stopped")
    serve.set_defaults(run=_serve)
    setup = commands.add_parser("setup", help="make a working single machine: keys, certificates, database")
    setup.set_defaults(run=_setup)
    _answers(setup)
    check = commands.add_parser("check", help="name what is wrong with configuration, keys and database")
    check.set_defaults(run=_check)
    upgrade = commands.add_parser("upgrade", help="bring the database to this version's schema")
    upgrade.set_defaults(run=_upgrade)
    backup = commands.add_parser("backup", help="copy the SQLite database, while it is in use, to a new file")
    backup.set_defaults(run=_backup)
    restore = commands.add_parser("restore", help="put such a copy in the database's place; the portal is stopped")
    restore.set_defaults(run=_restore)
    for command in (backup, restore):
        command.add_argument("file", type=Path, metavar="COPY")
    for command in (serve, setup, check, upgrade, backup, restore):
        command.add_argument("--config", type=Path, required=True, metavar="FILE", help="the portal's configuration")
    return made


def _answers(setup: argparse.ArgumentParser) -> None:
    group = setup.add_argument_group("answers", "for a configuration that is not there yet; ignored when it is")
    group.add_argument("--origin", metavar="URL", help="https://portal.example, as clients reach it")
    group.add_argument("--operator", default="", metavar="NAME", help="the operator's name")
    group.add_argument("--telephone", default="", metavar="NUMBER", help="whom members call")
    group.add_argument("--listen", default="[::]:443", metavar="ADDRESS:PORT")
    group.add_argument("--gateway-listen", default="[::]:8443", metavar="ADDRESS:PORT")
    group.add_argument("--pool", metavar="PREFIX", help="IPv4 addresses for sessions")
    group.add_argument("--pool6", default="", metavar="PREFIX", help="IPv6 addresses beside them")
    for name, what in (
        ("prefix", "what the tunnel reaches"),
        ("resolver", "a resolver in it"),
        ("domain", "its names"),
    ):
        group.add_argument(f"--{name}", action="append", default=[], metavar=name.upper(), help=f"{what}; repeatable")
    group.add_argument("--check-address", default="", metavar="ADDRESS:PORT", help="what answers inside the tunnel")
    setup.add_argument(
        "--also-host", action="append", default=[], metavar="NAME", help="a further name for certificates; repeatable"
    )


# The commands import what they need when they run: `check` of a broken machine must not need a working web stack.


def _serve(arguments: argparse.Namespace) -> None:
    from flexnetd.portal.serving import serve_portal  # noqa: PLC0415

    asyncio.run(serve_portal(read_config(arguments.config)))


def _setup(arguments: argparse.Namespace) -> None:
    from flexnetd.portal.config_template import Answers  # noqa: PLC0415
    from flexnetd.portal.setting_up import set_up, write_configuration  # noqa: PLC0415

    if not arguments.config.exists():
        answers = Answers(
            origin=arguments.origin or "",
            operator=arguments.operator,
            telephone=arguments.telephone,
            listen=arguments.listen,
            gateway_listen=arguments.gateway_listen,
            pool=arguments.pool or "",
            prefixes=tuple(arguments.prefix),
            resolvers=tuple(arguments.resolver),
            domains=tuple(arguments.domain),
            check=arguments.check_address,
            pool6=arguments.pool6,
        )
        write_configuration(arguments.config, answers)
    for line in set_up(read_config(arguments.config), tuple(arguments.also_host)):
        print(line)


def _check(arguments: argparse.Namespace) -> None:
    from flexnetd.portal.checking import faults_of  # noqa: PLC0415

    faults = faults_of(read_config(arguments.config))
    for fault in faults:
        print(f"flexnet-portal: {fault}", file=sys.stderr)
    if faults:
        sys.exit(EXIT_FAULT)
    print("flexnet-portal: nothing is wrong")


def _upgrade(arguments: argparse.Namespace) -> None:
    from flexnetd.portal.storage.migrating import upgrade  # noqa: PLC0415

    upgrade(read_config(arguments.config).database)


def _backup(arguments: argparse.Namespace) -> None:
    from flexnetd.portal.storage.backup import back_up  # noqa: PLC0415

    told = back_up(read_config(arguments.config).database, arguments.file)
    print(f"made {arguments.file}: {told}")
    print("the key-encryption key is not in it; without that key it is worth nothing")


def _restore(arguments: argparse.Namespace) -> None:
    from flexnetd.portal.storage.backup import restore  # noqa: PLC0415

    print(f"restored: {restore(read_config(arguments.config).database, arguments.file, int(time.time()))}")


if __name__ == "__main__":
    main()
