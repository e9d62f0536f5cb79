"""The shapes as JSON Schemas (2020-12) and as an OpenAPI 3.1 description. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from pipeline.use.api.shapes import DOCUMENTS, VERSION, Schema, Shape

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SHORT_DIGITS: Final = 12


def as_schema(shape: Shape) -> Schema:
    """Return the JSON Schema of a shape; it refers to others by the names of their files beside it."""
    return {
        "$schema": _DIALECT,
        "title": shape.name,
        "description": shape.description,
        "type": "object",
        "properties": dict(shape.properties),
        "required": list(shape.properties),
        "additionalProperties": False,
    }


def schema_version(shapes: Mapping[str, Shape]) -> str:
    """Return what changes where a property is added, taken away, renamed, or may hold something else."""
    said = {name: {one: _unsaid(schema) for one, schema in shape.properties.items()} for name, shape in shapes.items()}
    return f"{VERSION}-{hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:_SHORT_DIGITS]}"


def _unsaid(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name != "description"}


def as_openapi(shapes: Mapping[str, Shape], version: str) -> dict[str, Any]:
    """Return the description of the addresses below the version, which are relative to itself."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "What LLM providers do with prompts",
            "version": version,
            "summary": "A static API: files on any host, read with GET.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": _DIALECT,
        "servers": [{"url": "."}],
        "paths": {
            "/index.json": _get("readIndex", shapes["index"]),
            "/providers/{provider_id}.json": {**_get("readProvider", shapes["provider"]), **_PARAMETERS},
            "/changes.json": _get("readChanges", shapes["changes"]),
        },
        "components": {"schemas": {name: {"$ref": f"schemas/{name}.json"} for name in DOCUMENTS}},
    }


_PARAMETERS: Final[Mapping[str, Any]] = {
    "parameters": [
        {
            "name": "provider_id",
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": "The id of a provider. An id that is no file name has another address: `href` in index.json "
            "is right for each.",
        }
    ]
}


def _get(operation: str, shape: Shape) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"schemas/{shape.name}.json"}}}
    answers: dict[str, Any] = {"200": {"description": shape.description, "content": content}}
    if shape.name == "provider":
        answers["404"] = {"description": "No such provider is in this catalog, which says nothing of its policy."}
    return {"get": {"operationId": operation, "summary": shape.description, "responses": answers}}
