"""Run one SQL statement with the environment's psycopg2: JSON in, JSON out. Called by databases.query only."""

import json
import sys

import psycopg2
import psycopg2.extras


def main():
    """Read ``{database, sql, parameters}`` from standard input and write the rows, each as an object."""
    asked = json.load(sys.stdin)
    connection = psycopg2.connect(
        dbname=asked["database"], cursor_factory=psycopg2.extras.RealDictCursor
    )
    # CREATE DATABASE and its like refuse a transaction.
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(asked["sql"], asked["parameters"])
            rows = cursor.fetchall() if cursor.description else []
    except psycopg2.Error as error:
        print(str(error).strip(), file=sys.stderr)
        sys.exit(1)
    json.dump(rows, sys.stdout, default=str)


if __name__ == "__main__":
    main()
