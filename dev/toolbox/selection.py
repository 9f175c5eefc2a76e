"""Which tests the names on the command line mean."""

import dataclasses
import re

from .console import Problem
from .paths import ADDON, CHECKOUT
from .templates import HELPDESK_MODULES

WHOLE_SYSTEM = CHECKOUT / "tests"


@dataclasses.dataclass
class Selection:
    """Odoo's test tags by suite, and pytest's arguments; what is empty does not run."""

    addon_tags: list = dataclasses.field(default_factory=list)
    helpdesk_tags: list = dataclasses.field(default_factory=list)
    pytest_arguments: list = dataclasses.field(default_factory=list)


def everything():
    """All tests."""
    return Selection(
        [f"/{ADDON.name}"],
        [f"/{module}" for module in HELPDESK_MODULES],
        ["tests"] if _python_tests() else [],
    )


def named(names):
    """The tests that the names mean: paths, pytest node ids, or names of classes, methods and files."""
    selection = Selection()
    for name in names:
        _add(selection, name.removeprefix("./").rstrip("/"))
    return selection


def _add(selection, name):
    path, _, inner = name.partition("::")
    if name.startswith("/"):
        module = re.split(r"[/:.]", name)[1]
        (selection.helpdesk_tags if module in HELPDESK_MODULES else selection.addon_tags).append(
            name
        )
    elif name in HELPDESK_MODULES:
        selection.helpdesk_tags.append(f"/{name}")
    elif name in (ADDON.name, f"{ADDON.name}/tests"):
        selection.addon_tags.append(f"/{ADDON.name}")
    elif path.startswith(f"{ADDON.name}/tests/") and (CHECKOUT / path).is_file():
        selection.addon_tags.append(f"/{path}" + _inner(inner))
    elif path.split("/")[0] == "tests" and (CHECKOUT / path).exists():
        selection.pytest_arguments.append(name)
    elif not _add_by_name(selection, name.removesuffix(".py")):
        raise Problem(
            f"no test is called {name}: give a path such as {ADDON.name}/tests/test_ticket.py or "
            "tests/adapters/test_mastodon.py::test_x, or a name such as TestTicket, TestTicket.test_x or test_ticket"
        )


def _add_by_name(selection, name):
    """Look for a file, a class or a function of this name; say whether there is one."""
    before = len(selection.addon_tags) + len(selection.pytest_arguments)
    outer, _, inner = name.replace("::", ".").partition(".")
    for path in sorted((ADDON / "tests").rglob("test_*.py")):
        place = f"/{path.relative_to(CHECKOUT)}"
        text = path.read_text()
        if path.stem == outer:
            selection.addon_tags.append(place + _inner(inner))
        elif re.search(rf"^class {re.escape(outer)}\b", text, re.MULTILINE):
            selection.addon_tags.append(f"{place}:{outer}" + (f".{inner}" if inner else ""))
        elif not inner and re.search(rf"^    def {re.escape(outer)}\(", text, re.MULTILINE):
            selection.addon_tags.append(f"{place}.{outer}")
    for path in _python_tests():
        place = str(path.relative_to(CHECKOUT))
        text = path.read_text()
        if path.stem == outer:
            selection.pytest_arguments.append(
                "::".join([place, *inner.split(".")] if inner else [place])
            )
        elif re.search(rf"^(class|def) {re.escape(outer)}\b", text, re.MULTILINE):
            selection.pytest_arguments.append(
                "::".join([place, outer, *inner.split(".")] if inner else [place, outer])
            )
        elif not inner and (found := _method(text, outer)):
            selection.pytest_arguments.append(f"{place}::{found}::{outer}")
    return before < len(selection.addon_tags) + len(selection.pytest_arguments)


def _method(text, name):
    """The class in a file that has a method of this name, or None."""
    current = None
    for line in text.splitlines():
        if found := re.match(r"class (\w+)", line):
            current = found[1]
        elif re.match(rf"    (async )?def {re.escape(name)}\(", line):
            return current
    return None


def _inner(text):
    """``TestX::test_y`` or ``TestX.test_y`` as the tail of one of Odoo's test tags."""
    if not text:
        return ""
    outer, _, inner = text.replace("::", ".").partition(".")
    if outer.startswith("test_"):
        return f".{outer}"
    return f":{outer}" + (f".{inner}" if inner else "")


def _python_tests():
    return sorted(WHOLE_SYSTEM.rglob("test_*.py"))
