"""Run one SQL statement with the environment's psycopg2. As a program: JSON in, JSON out."""

import contextlib
import json
import sys

import psycopg2
import psycopg2.extras


def ask(database, sql, parameters=()):
    """Run a statement and give its rows, each as a dictionary. Raises psycopg2.Error."""
    connection = psycopg2.connect(dbname=database, cursor_factory=psycopg2.extras.RealDictCursor)
    # CREATE DATABASE and its like refuse a transaction.
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def main():
    """Read ``{database, sql, parameters}`` from standard input and write the rows."""
    try:
        rows = ask(**json.load(sys.stdin))
    except psycopg2.Error as error:
        print(str(error).strip(), file=sys.stderr)
        sys.exit(1)
    json.dump(rows, sys.stdout, default=str)


if __name__ == "__main__":
    main()
