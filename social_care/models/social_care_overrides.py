"""Whether the long way must be gone: other addons may have their say in what Odoo does a record.

What is done for many records at once stands for methods of Odoo and the helpdesk. It is done
only where nobody else overrides these, neither an addon nor an automation rule nor a test.
"""

KNOWN = {
    "base",
    "helpdesk_mgmt",
    "helpdesk_mgmt_sla",
    "mail",
    "portal",
    "rating",  # rates only messages that bring a rating
    "resource",
    "sms",  # changes only messages that are an SMS
    "social_care",
}


def is_standard(records, *names):
    """Whether these methods are as Odoo, the helpdesk and this addon have them."""
    return all(
        _is_known(vars(part)[name])
        for part in type(records).mro()
        for name in names
        if name in vars(part)
    )


def _is_known(function):
    # By the file it is written in: a method put on the class later belongs to whoever put it there.
    parts = getattr(function, "__module__", "").split(".")
    return parts[:2] == ["odoo", "addons"] and parts[2] in KNOWN and parts[3:4] == ["models"]
