"""Run Odoo's own test runner as a program: ``python odoo_suite.py -d DATABASE --test-tags …``.

Odoo runs the tests marked ``at_install`` (its default) only while it installs their module, before the modules that
extend it are loaded. Here everything is installed already, and the helpdesk's tests must see the addon: they all
run together at the end, on the complete registry.
"""

import sys


def main():
    """Start Odoo's server with the tests of both positions at the end."""
    # This file's folder must not shadow anybody's modules.
    sys.path.pop(0)
    import freezegun.api

    import odoo.cli
    from odoo.tests import loader, tag_selector
    from odoo.tests.suite import OdooSuite
    from odoo.tools import config

    # Each time that time is frozen, all loaded modules are asked whether they changed: by their sorted names it took
    # a fifth of the tests' processor time.
    freezegun.api._get_module_attributes_hash = lambda module: f"{id(module)}-{len(vars(module))}"
    make_suite = loader.make_suite

    def make_whole_suite(module_names, position="at_install"):
        if position == "at_install":
            return OdooSuite([])
        selector = tag_selector.TagsSelector(config["test_tags"])
        named = {
            path.split("/")[1] if path else module
            for _tag, module, _class, _method, path in selector.include
        }
        chosen = [name for name in module_names if None in named or name in named]
        tests = [*make_suite(chosen, "at_install"), *make_suite(chosen, "post_install")]
        # The tests of a class stay together, also when some of its methods are marked otherwise.
        places = {}
        for test in tests:
            places.setdefault(type(test), len(places))
        return OdooSuite(
            sorted(
                dict.fromkeys(tests),
                key=lambda test: (getattr(test, "test_sequence", 0), places[type(test)]),
            )
        )

    loader.make_suite = make_whole_suite
    sys.argv[1:1] = ["server"]
    odoo.cli.main()


if __name__ == "__main__":
    main()
