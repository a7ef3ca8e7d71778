"""The API's description in OpenAPI 3.1."""

from fer_lib import __version__
from fer_lib.data.fer2013 import SIDE
from fer_lib.labels import LABELS
from fer_lib.live import MAX_BYTES, MAX_PIXELS, MIN_CONFIDENCE, UNSURE

PROPORTION = {"type": "number", "minimum": 0, "maximum": 1}
FILE = {"type": "string", "format": "binary"}
BY_LABEL = {
    "type": "object",
    "properties": dict.fromkeys(LABELS, PROPORTION),
    "required": list(LABELS),
    "additionalProperties": False,
}


def _object(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def _array(items, length=None):
    limits = {} if length is None else {"minItems": length, "maxItems": length}
    return {"type": "array", "items": items, **limits}


def _response(description, schema):
    return {"description": description, "content": {"application/json": {"schema": schema}}}


SCHEMAS = {
    "Face": _object(
        box={
            "description": "x, y, width and height in pixels; it may extend beyond the image",
            **_array({"type": "integer"}, 4),
        },
        label={
            "description": f"the most probable expression, or {UNSURE} if none reaches "
            f"{MIN_CONFIDENCE:.0%}",
            "enum": [*LABELS, UNSURE],
        },
        probabilities={
            "description": "of each expression: would most people say that the face shows it?",
            **BY_LABEL,
        },
    ),
    "Error": _object(
        error=_object(code={"type": "string"}, message={"type": "string"}),
    ),
}
RESULTS = _object(
    images={"type": "integer"},
    accuracy=PROPORTION,
    interval=_array(PROPORTION, 2),
    recall=BY_LABEL,
)
FACE, ERROR = ({"$ref": f"#/components/schemas/{name}"} for name in SCHEMAS)

BAD_REQUESTS = {
    "400": "no image, or an invalid parameter",
    "413": f"more than {MAX_BYTES // 10**6} MB or {MAX_PIXELS // 10**6} megapixels",
    "415": "not a JPEG, PNG, or WebP image",
    "422": f"a damaged image, or one with a side under {SIDE} pixels",
}
LIMITED = {"429": "too many requests from this client: try again after the seconds in Retry-After"}
BUSY = {"503": "all workers are busy: try again after the seconds in Retry-After"}


def _errors(*tables):
    joined = {status: text for table in tables for status, text in table.items()}
    return {status: _response(description, ERROR) for status, description in joined.items()}


def _read(summary, schema):
    return {"get": {"summary": summary, "responses": {"200": _response(summary, schema)}}}


def _flag(name, description):
    schema = {"type": "boolean", "default": False}
    return {"name": name, "in": "query", "description": description, "schema": schema}


PREDICT = {
    "summary": "Find the faces of an image, and predict what most people would say that they show",
    "parameters": [
        _flag("whole", "true: use the image's central square as a face instead of detecting faces"),
        _flag("small", "true: also find faces of half the size, which takes several times as long"),
        _flag("by_label", "true: predict what FER2013's label says, not what people would say"),
    ],
    "requestBody": {
        "required": True,
        "description": "a JPEG, PNG, or WebP image; its content counts, not the type given",
        "content": {
            "multipart/form-data": {"schema": _object(image=FILE)},
            "image/*": {"schema": FILE},
            "application/octet-stream": {"schema": FILE},
        },
    },
    "responses": {
        "200": _response(
            "The faces, largest first, and the milliseconds of each stage",
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
    "info": {"title": "Facial expressions in images", "version": __version__},
    "paths": {
        "/api/predict": {"post": PREDICT},
        "/api/health": _read(
            "Check that the website runs; its responses since the start, by status",
            _object(
                status={"const": "ok"},
                responses={"type": "object", "additionalProperties": {"type": "integer"}},
            ),
        ),
        "/api/model": _read(
            "Facts about the classifier, and its accuracy on PrivateTest images: by what most "
            "people say, and by FER2013's label",
            _object(
                run={"type": "string"},
                labels=_array({"enum": list(LABELS)}),
                input={"type": "string"},
                people=RESULTS,
                label=RESULTS,
            ),
        ),
    },
    "components": {"schemas": SCHEMAS},
}
for path in ("/api/health", "/api/model"):
    DESCRIPTION["paths"][path]["get"]["responses"].update(_errors(LIMITED))
