"""X's own machine-readable description, and whether requests and answers keep to it.

The published one is version 2.62 of the API. What came later is named here with its source; of those
paths only what the documentation says in words is checked, by the fake server itself.
"""

import json
import re
from functools import cache

from jsonschema import Draft4Validator

from toolbox import descriptions

# Fields that later versions of the description add: https://docs.x.com/x-api/fundamentals/data-dictionary.
NEWER_FIELDS = {"tweet.fields": ["note_tweet"], "dm_event.fields": ["entities"]}
# Later than 2.62: media of API v2 (2025), webhooks and activity (2025-2026).
# The token endpoint is OAuth's own and was never described.
NEWER_PATHS = ("/2/media/", "/2/webhooks", "/2/activity/", "/2/oauth2/")


@cache
def _description():
    return json.loads(descriptions.x().read_text())


@cache
def _validator(text):
    return Draft4Validator(
        {"allOf": [json.loads(text)], "components": _description()["components"]}
    )


def _problems(schema, value, where):
    found = _validator(json.dumps(schema)).iter_errors(value)
    return [f"{where}: {error.message[:300]}" for error in found]


def _resolved(item):
    while "$ref" in item:
        folder, name = item["$ref"].split("/")[-2:]
        item = _description()["components"][folder][name]
    return item


def _operation(method, path):
    """The operation that a request asks for, and the values in its path; None where there is none."""
    for template, operations in _description()["paths"].items():
        names = re.findall(r"{(\w+)}", template)
        match = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", template), path)
        if match and method.lower() in operations:
            return operations[method.lower()], dict(zip(names, match.groups(), strict=True))
    return None


def _value(parameter, text):
    schema = _resolved(parameter["schema"])
    if schema.get("type") == "array":
        return text.split(",")
    if schema.get("type") == "integer":
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    return text


def _allowed(parameter):
    """A parameter's schema, with the values that later versions allow."""
    schema, newer = parameter["schema"], NEWER_FIELDS.get(parameter["name"])
    if not newer:
        return schema
    item = {**schema["items"], "enum": schema["items"]["enum"] + newer}
    return {**schema, "items": item}


def wrong_in_request(method, path, query, body):
    """What a request does that the description does not allow; ``query``: name → list of texts."""
    if path.startswith(NEWER_PATHS):
        return []
    found = _operation(method, path)
    if found is None:
        return [f"{method} {path}: no such operation"]
    operation, values = found
    parameters = {}
    for item in map(_resolved, operation.get("parameters", [])):
        parameters[item["name"]] = item
    problems = [f"unknown parameter {name}" for name in query if name not in parameters]
    for name, parameter in parameters.items():
        told = [values[name]] if name in values else query.get(name, [])
        if parameter.get("required") and not told:
            problems.append(f"{name} is missing")
        for text in told:
            problems += _problems(_allowed(parameter), _value(parameter, text), name)
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        problems += _problems(schema, body, "body")
    return problems


def wrong_in_answer(method, path, status, answer):
    """What an answer holds that the description does not allow."""
    found = None if path.startswith(NEWER_PATHS) else _operation(method, path)
    if found is None:
        return []
    responses = found[0]["responses"]
    kind = "application/json" if str(status) in responses else "application/problem+json"
    response = responses.get(str(status), responses["default"])
    return _problems(response["content"][kind]["schema"], answer, f"{method} {path} {status}")
