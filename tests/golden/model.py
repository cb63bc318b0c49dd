"""Expected answers against AWS's own API models, as botocore has them: a scene can't expect what AWS doesn't know."""
import re
import xml.etree.ElementTree as ElementTree

from scene import PLACEHOLDER, Bare, json_value

# What any operation may answer, whether its model says so or not: AWS's "Common errors".
COMMON = {"AccessDenied", "AccessDeniedException", "ValidationException", "ValidationError", "SerializationException",
          "UnknownOperationException", "InvalidAction", "MissingParameter", "InvalidParameterValue", "InvalidParameterCombination"}


def of_json(shape, value, path):
    """Sentences on where a JSON value is not of the shape."""
    if value is None or isinstance(value, Bare):
        return []
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            return [f"{path} is no {shape.name}"]
        names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        if getattr(shape, "is_document_type", False):
            return []
        out = [f"the model has no {path}.{key}" for key in value if key not in names]
        required = {shape.members[name].serialization.get("name", name) for name in shape.required_members
                    if shape.members[name].serialization.get("location") is None}
        out += [f"the model requires {path}.{key}" for key in required - value.keys()]
        return out + [d for key, v in value.items() if key in names for d in of_json(names[key], v, f"{path}.{key}")]
    if shape.type_name == "list":
        return [d for v in value for d in of_json(shape.member, v, path + "[]")] if isinstance(value, list) else [f"{path} is no list"]
    if shape.type_name == "map":
        return [d for k, v in value.items() for d in of_json(shape.value, v, f"{path}.{k}")]
    return of_scalar(shape, value, path)


def of_scalar(shape, value, path):
    kinds = {"string": str, "blob": str, "boolean": bool, "integer": int, "long": int, "float": (int, float), "double": (int, float)}
    if shape.type_name == "timestamp":
        textual = shape.serialization.get("timestampFormat") in ("iso8601", "rfc822")
        return [] if isinstance(value, str) == textual else [f"{path} has another form of time"]
    if not isinstance(value, kinds[shape.type_name]):
        return [f"{path} is no {shape.type_name}"]
    if getattr(shape, "enum", None) and not PLACEHOLDER.search(value) and value not in shape.enum:
        return [f"{path} can't be {value!r}"]
    return []


def of_xml(shape, node, path):
    """Sentences on where an XML element is not of the shape."""
    if shape.type_name == "list":
        name = shape.member.serialization.get("name", "member")
        return [d for child in node for d in ([f"{path} has a {tag(child)}"] if tag(child) != name else of_xml(shape.member, child, path + "[]"))]
    if shape.type_name == "structure":
        names = {}
        for name, member in shape.members.items():
            if member.serialization.get("location"):
                continue
            flat = member.type_name == "list" and member.serialization.get("flattened")
            wire = member.serialization.get("name") or (member.member.serialization.get("name") if flat else None) or name
            names[wire] = member.member if flat else member
        out = [f"the model has no {path}.{tag(child)}" for child in node if tag(child) not in names]
        required = [shape.members[n].serialization.get("name", n) for n in shape.required_members
                    if not shape.members[n].serialization.get("location") and not shape.members[n].serialization.get("xmlAttribute")]
        out += [f"the model requires {path}.{name}" for name in required if name not in {tag(child) for child in node}]
        return out + [d for child in node if tag(child) in names for d in of_xml(names[tag(child)], child, f"{path}.{tag(child)}")]
    if shape.type_name == "string" and shape.enum and node.text and not PLACEHOLDER.search(node.text) and node.text not in shape.enum:
        return [f"{path} can't be {node.text!r}"]
    return []


def tag(node):
    return re.sub(r"\{.*\}", "", node.tag)


def of_answer(operation, exchange, value):
    """Sentences on where an exchange's expected answer is none AWS's model knows. `value` is the answer's JSON, or None."""
    service = operation.service_model
    if exchange.status >= 300:
        return of_error(operation, exchange, value)
    shape = operation.output_shape
    if not exchange.answer or PLACEHOLDER.fullmatch(exchange.answer):
        return []
    if shape is None:
        return [] if "ResponseMetadata" in exchange.answer or value == {} else ["the model has no output"]
    payload = shape.serialization.get("payload")
    if payload:
        shape = shape.members[payload]
        if shape.type_name in ("blob", "string") or getattr(shape, "is_eventstream", False) or exchange.method == "HEAD":
            return []
    if value is not None:
        return of_json(shape, value, operation.name)
    if exchange.answer.startswith("<"):
        node = ElementTree.fromstring(exchange.answer)
        if "query" in service.protocol or service.service_name == "cloudwatch":
            node = node.find("{*}" + operation.name + "Result")
            return ["there is no result"] if node is None else of_xml(shape, node, operation.name)
        return of_xml(shape, node, operation.name)
    return []


def of_error(operation, exchange, value):
    if value is not None:
        code = value.get("__type") or exchange.answer_headers.get("x-amzn-errortype")
    else:
        found = re.search(r"<Code>(\w+)</Code>", exchange.answer)
        code = found and found[1]
    if code is None:
        return [] if operation.service_model.service_name == "s3" and not exchange.answer else ["the error has no code"]
    shapes = {(s.metadata.get("error") or {}).get("code", s.name): s for s in operation.error_shapes}
    shapes.update({s.name: s for s in operation.error_shapes})
    if code not in shapes:
        known = code in COMMON or operation.service_model.service_name == "s3"  # S3's model leaves nearly all out
        return [] if known else [f"{code} is no error of {operation.name}"]
    if value is None:
        return []
    members = shapes[code].members
    return [f"{code} has no {key}" for key in value if key not in members and key not in ("__type", "message", "Message")] + [
        f"{code} calls its sentence {name}" for name in ("message", "Message")
        if name not in value and name in members and not {"message", "Message"} <= set(members)]


def of_request(operation, exchange):
    """Sentences on a method, a path or members that AWS's model of the operation does not have."""
    out = []
    rest = operation.service_model.protocol.startswith("rest-")
    path = re.sub(r"\\\{\w+(\\\+)?\\\}", "[^?]+", re.escape(operation.http["requestUri"].partition("?")[0])).rstrip("/")
    if rest and (exchange.method != operation.http["method"] or not re.fullmatch(path + "/?", exchange.target.partition("?")[0])):
        out.append(f"the model sends {operation.name} by {operation.http['method']} {operation.http['requestUri']}")
    if exchange.status < 300 and operation.input_shape and exchange.body.startswith("{") and not operation.input_shape.serialization.get("payload"):
        out += [d for d in of_json(operation.input_shape, json_value(exchange.body), "input") if d.startswith("the model has no")]
    return out
