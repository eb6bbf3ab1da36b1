"""The models of the dbt package as plain views, for people without dbt.

    .venv-dbt/bin/python -m scripts.views

writes `dbt/views/duckdb.sql` and, where a PostgreSQL server is installed, `dbt/views/postgres.sql`. dbt compiles the
models against tables that are as the connector's documents say; what it makes of them is put behind CREATE VIEW.
"""

import csv
import os
import re
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from textwrap import indent
from typing import Any

import duckdb
import psycopg2
from dbt.cli.main import dbtRunner

from integration_tests import postgres

PACKAGE = Path(__file__).resolve().parent.parent / "dbt"
# The name of the database in which dbt compiles. The views are to work in any: it is taken out again.
DATABASE = "somewhere"

DUCKDB_HEADER = """\
-- One customer table over all providers, as plain views in a DuckDB file: the models of the dbt package. Do not edit:
-- `make views` writes this file.
--
--     duckdb customers.duckdb < dbt/views/duckdb.sql
--
-- Each provider's tables are in the schema of its name, as PyAirbyte or Airbyte wrote them. Run the file again when a
-- stream or a provider has come.
"""
POSTGRES_HEADER = """\
-- One customer table over all providers, as plain views in PostgreSQL: the models of the dbt package. Do not edit:
-- `make views` writes this file.
--
--     psql -f dbt/views/postgres.sql
--
-- Each provider's tables are in the schema of its name, as Airbyte or PyAirbyte wrote them. A table that is not there
-- holds nothing. Run the file again when a stream or a provider has come.
"""


@dataclass(frozen=True)
class Table:
    """A table of the connector, as `sources.yml` has it."""

    schema: str
    name: str
    columns: Sequence[str]

    def ddl(self, spelling: Callable[[str], str]) -> str:
        """Make the table, with columns of any type, and their names written in some way."""
        columns = ", ".join(f'"{spelling(column)}" text' for column in self.columns)
        return f"CREATE SCHEMA IF NOT EXISTS {self.schema}; CREATE TABLE {self.schema}.{self.name} ({columns});"

    @property
    def telling_column(self) -> str | None:
        """A column that Airbyte and PyAirbyte name differently."""
        return next((column for column in self.columns if column != column.lower()), None)


class Compiler:
    """dbt, compiling the models for one kind of database."""

    def __init__(self, target: str, folder: Path) -> None:
        self._target = target
        self._folder = folder
        self._manifest: Any = None
        self._manifest = self._invoke("parse")

    @property
    def tables(self) -> list[Table]:
        """Every table that a model reads."""
        sources = self._manifest.sources.values()
        return [Table(each.schema, each.identifier, list(each.columns)) for each in sources]

    def compile(self) -> dict[str, str]:
        """Return the query of each model, in an order in which each comes after those it reads."""
        results = self._invoke("compile", "--select", "resource_type:model", "--indirect-selection", "empty").results
        nodes = {result.node.unique_id: result.node for result in results}
        return {nodes[key].name: _tidy(nodes[key].compiled_code) for key in self._in_order(nodes)}

    def _in_order(self, nodes: dict[str, Any]) -> list[str]:
        ordered: list[str] = []

        def visit(key: str) -> None:
            if key in nodes and key not in ordered:
                for read in sorted(nodes[key].depends_on_nodes):
                    visit(read)
                ordered.append(key)

        for key in sorted(nodes):
            visit(key)
        return ordered

    def schema_of(self, model: str) -> str:
        """Return the schema of a model."""
        schema: str = next(node.schema for node in self._manifest.nodes.values() if node.name == model)
        return schema

    def table_of(self, model: str) -> Table:
        """Return the table that a model at the bottom reads."""
        provider, stream = model.removeprefix("base_").split("__")
        return next(each for each in self.tables if (each.schema, each.name) == (provider, stream))

    def _invoke(self, command: str, *options: str) -> Any:
        paths = ["--project-dir", PACKAGE, "--profiles-dir", PACKAGE, "--target", self._target]
        done = dbtRunner(self._manifest).invoke(
            [
                command,
                *options,
                *map(str, paths),
                *("--target-path", str(self._folder / "target"), "--log-path", str(self._folder / "logs"), "--quiet"),
            ]
        )
        if not done.success:
            raise SystemExit(f"dbt {command}: {done.exception}")
        return done.result


def main() -> None:
    """Write the files into the package, or into another folder."""
    parser = ArgumentParser(description="Write the models of the dbt package as plain views.")
    parser.add_argument("--into", type=Path, default=PACKAGE / "views", help="the folder")
    into: Path = parser.parse_args().into
    os.environ["DO_NOT_TRACK"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        (into / "duckdb.sql").write_text(duckdb_views(Path(folder)), encoding="utf-8")
        try:
            (into / "postgres.sql").write_text(postgres_views(Path(folder)), encoding="utf-8")
        except postgres.NoServerError as reason:
            sys.exit(f"postgres.sql is left as it is: {reason}.")


def duckdb_views(folder: Path) -> str:
    """Return the statements for DuckDB.

    It cannot ask whether a table is there. So each view that reads one is made twice: without the table, and again with
    it, which fails where it is not there and leaves the first.
    """
    file = folder / f"{DATABASE}.duckdb"
    os.environ["CUSTOMERS_DUCKDB"] = str(file)
    compiler = Compiler("duckdb", folder)
    without = compiler.compile()
    file.unlink()
    with duckdb.connect(str(file)) as database:
        for table in compiler.tables:
            database.execute(table.ddl(str))
    models = compiler.compile()
    base = [model for model in models if model.startswith("base_")]
    parts = [DUCKDB_HEADER, *_schemas(compiler)]
    parts += ["-- 1. What is there of a table that is not there.\n"]
    parts += [_view(compiler, model, without[model]) for model in base]
    parts += [
        "-- 2. The tables. A statement that fails because its table is not there changes nothing: go on after it.\n"
    ]
    parts += [_view(compiler, model, models[model]) for model in base]
    parts += ["-- 3. What is made of them.\n", *_above(compiler, models)]
    return "\n".join(parts)


def postgres_views(folder: Path) -> str:
    """Return the statements for PostgreSQL, which ask what is there, and in which way its columns are named.

    Raises:
        NoServerError: there is no server to compile with.
    """
    with postgres.server() as port, _postgres_profile(port) as database:
        compiler = Compiler("postgres", folder)
        without = compiler.compile()
        compiled = []
        for spelling in (str, str.lower):
            for table in compiler.tables:
                database(f"DROP SCHEMA IF EXISTS {table.schema} CASCADE")
            for table in compiler.tables:
                database(table.ddl(spelling))
            compiled.append(compiler.compile())
    models, lower = compiled
    parts = [POSTGRES_HEADER, *_schemas(compiler)]
    for model in [model for model in models if model.startswith("base_")]:
        table = compiler.table_of(model)
        cases = [(f"to_regclass('{table.schema}.{table.name}') IS NULL", without[model])]
        if models[model] != lower[model]:
            column = (
                "EXISTS (\n        SELECT FROM information_schema.columns\n"
                f"        WHERE table_schema = '{table.schema}' AND table_name = '{table.name}' "
                f"AND column_name = '{table.telling_column}'\n    )"
            )
            cases.append((column, models[model]))
        parts.append(_choice(compiler, model, cases, lower[model]))
    return "\n".join([*parts, *_above(compiler, models)])


@contextmanager
def _postgres_profile(port: int) -> Iterator[Callable[[str], None]]:
    """Let dbt use a database of the server, and yield what executes a statement in it."""
    login = {"host": "127.0.0.1", "port": port, "user": "postgres", "password": postgres.PASSWORD}
    connection = psycopg2.connect(**login, dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
    os.environ |= {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "postgres"}
    os.environ |= {"PGPASSWORD": postgres.PASSWORD, "PGDATABASE": DATABASE}
    connection = psycopg2.connect(**login, dbname=DATABASE)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor.execute
    finally:
        connection.close()


def _schemas(compiler: Compiler) -> list[str]:
    schemas = sorted({compiler.schema_of("customers"), compiler.schema_of("free_mail_hosts")})
    return ["\n".join(f"CREATE SCHEMA IF NOT EXISTS {schema};" for schema in schemas) + "\n"]


def _above(compiler: Compiler, models: dict[str, str]) -> list[str]:
    """Return the views that read other views, and the one in the place of the seed."""
    rows = csv.reader(StringIO((PACKAGE / "seeds" / "free_mail_hosts.csv").read_text(encoding="utf-8")))
    [column], *hosts = rows
    values = ",\n".join(f"    ('{host}')" for [host] in hosts)
    seed = f"SELECT {column}\nFROM (VALUES\n{values}\n) AS hosts ({column})"
    views = [_view(compiler, name, query) for name, query in models.items() if not name.startswith("base_")]
    return [_view(compiler, "free_mail_hosts", seed), *views]


def _view(compiler: Compiler, name: str, query: str) -> str:
    return f"CREATE OR REPLACE VIEW {compiler.schema_of(name)}.{name} AS\n{query};\n"


def _choice(compiler: Compiler, model: str, cases: Sequence[tuple[str, str]], otherwise: str) -> str:
    """Return a statement that makes the view of the first case that holds."""
    lines = ["DO $$", "BEGIN"]
    for number, (condition, query) in enumerate(cases):
        lines += [f"    {'ELSIF' if number else 'IF'} {condition} THEN", indent(_view(compiler, model, query), " " * 8)]
    lines += ["    ELSE", indent(_view(compiler, model, otherwise), " " * 8), "    END IF;", "END", "$$;", ""]
    return re.sub(r"\n{2,}( +(ELSIF|ELSE|END))", r"\n\1", "\n".join(lines))


def _tidy(query: str) -> str:
    """Return a query without the database's name, and without the blanks that templates leave."""
    query = query.replace(f'"{DATABASE}".', "")
    lines = [line.rstrip() for line in query.strip().splitlines()]
    query = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return re.sub(r"\(\n\n", "(\n", query)


if __name__ == "__main__":
    main()
