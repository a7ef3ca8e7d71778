"""The API's description for programs, in OpenAPI 3.1."""

from fer_lib import __version__
from fer_lib.labels import LABELS
from fer_lib.live.pipeline import UNSURE

SHARE = {"type": "number", "minimum": 0, "maximum": 1}
FILE = {"type": "string", "format": "binary"}
SHARES = {
    "type": "object",
    "properties": dict.fromkeys(LABELS, SHARE),
    "required": list(LABELS),
    "additionalProperties": False,
}


def _object(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def _array(items, length=None):
    limits = {} if length is None else {"minItems": length, "maxItems": length}
    return {"type": "array", "items": items, **limits}


def _answer(description, schema):
    return {"description": description, "content": {"application/json": {"schema": schema}}}


SCHEMAS = {
    "Face": _object(
        box={
            "description": "x, y, width and height in pixels; it may reach beyond the picture",
            **_array({"type": "integer"}, 4),
        },
        label={"enum": [*LABELS, UNSURE]},
        probabilities=SHARES,
    ),
    "Error": _object(
        error=_object(code={"type": "string"}, sentence={"type": "string"}),
    ),
}
FACE, ERROR = ({"$ref": f"#/components/schemas/{name}"} for name in SCHEMAS)

BAD_REQUESTS = {
    "400": "no picture, or a parameter that is none",
    "413": "more than 8 MB or 25 megapixels",
    "415": "not a JPEG, PNG or WebP picture",
    "422": "a damaged picture, or one with a side under 48 pixels",
}
LIMITED = {"429": "too many requests from this client: try again after the seconds in Retry-After"}
BUSY = {"503": "all workers are busy: try again after the seconds in Retry-After"}


def _errors(*tables):
    joined = {status: text for table in tables for status, text in table.items()}
    return {status: _answer(description, ERROR) for status, description in joined.items()}


def _read(summary, schema):
    return {"get": {"summary": summary, "responses": {"200": _answer(summary, schema)}}}


def _flag(name, description):
    schema = {"type": "boolean", "default": False}
    return {"name": name, "in": "query", "description": description, "schema": schema}


PREDICT = {
    "summary": "Faces of a picture and the probabilities of their expressions",
    "parameters": [
        _flag("whole", "true: look for no face, take the picture's middle square as one"),
        _flag("small", "true: find faces of half the size, too, which takes several times as long"),
    ],
    "requestBody": {
        "required": True,
        "description": "a JPEG, PNG or WebP picture; its content decides, not the type given",
        "content": {
            "multipart/form-data": {"schema": _object(image=FILE)},
            "image/*": {"schema": FILE},
            "application/octet-stream": {"schema": FILE},
        },
    },
    "responses": {
        "200": _answer(
            "The faces, largest first, and the milliseconds that each stage took",
            _object(
                faces=_array(FACE),
                milliseconds={"type": "object", "additionalProperties": {"type": "number"}},
            ),
        ),
        **_errors(BAD_REQUESTS, LIMITED, BUSY),
    },
}

DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "Expressions in pictures of faces", "version": __version__},
    "paths": {
        "/api/predict": {"post": PREDICT},
        "/api/health": _read(
            "That the website runs; its answers since the start, by status",
            _object(
                status={"const": "ok"},
                answers={"type": "object", "additionalProperties": {"type": "integer"}},
            ),
        ),
        "/api/model": _read(
            "Facts of the classifier; accuracy and recall on FER2013's PrivateTest images",
            _object(
                run={"type": "string"},
                labels=_array({"enum": list(LABELS)}),
                input={"type": "string"},
                images={"type": "integer"},
                accuracy=SHARE,
                interval=_array(SHARE, 2),
                recall=SHARES,
            ),
        ),
    },
    "components": {"schemas": SCHEMAS},
}
for path in ("/api/health", "/api/model"):
    DESCRIPTION["paths"][path]["get"]["responses"].update(_errors(LIMITED))
