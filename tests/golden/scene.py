"""Scenes: exchanges as text, and whether an answer is the one a scene expects. README.md has the grammar."""
import dataclasses
import json
import re

KINDS = {
    "any": r".*", "token": r"\S+", "id": r"[A-Za-z0-9]{8,}", "uuid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", "lambda_time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000",
    "http_time": r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "epoch": r"1\d{9}(?:\.\d{1,3})?(?:E9)?", "millis": r"1\d{12}",
    "number": r"-?\d+(?:\.\d+)?", "sequence": r"\d{56}", "hex": r"[0-9a-f]+", "base64": r"[A-Za-z0-9+/]+=*", "sha256": r"[0-9a-f]{64}",
    "host": r"127\.0\.0\.1:\d+", "arn": r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d*:\S+"}
PLACEHOLDER = re.compile(r"\{\{(?:(\w+)=)?(\w+)\}\}")
HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)")


@dataclasses.dataclass
class Exchange:
    """One request, and the answer it must get."""
    line: int
    service: str  # empty: the scene's own
    operation: str
    method: str
    target: str
    patient: bool  # asked again until the answer is the expected one
    headers: dict = dataclasses.field(default_factory=dict)
    body: str = ""
    status: int = 0
    answer_headers: dict = dataclasses.field(default_factory=dict)
    answer: str = ""


class Bare(str):
    """A placeholder that stands for a whole value of JSON: its text must match."""


def read(text):
    """The exchanges of a scene."""
    found, part = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("# ") or line == "#":
            continue
        if begin := re.fullmatch(r"(>>?) (?:([a-z0-9-]+)\.)?(\w+)(?: ([A-Z]+) (\S+))?", line):
            patient, service, operation, method, target = begin.groups()
            found.append(Exchange(number, service or "", operation, method or "POST", target or "/", patient == ">>"))
            part = found[-1].headers
        elif begin := re.fullmatch(r"< (\d{3})", line):
            found[-1].status = int(begin[1])
            part = found[-1].answer_headers
        elif not found:
            if line:
                raise ValueError(f"line {number} is before the first request: {line}")
        elif part is None:
            if found[-1].status:
                found[-1].answer += line + "\n"
            else:
                found[-1].body += line + "\n"
        elif header := HEADER.fullmatch(line):
            part[header[1].lower()] = header[2]
        else:
            part = None
            if line and found[-1].status:
                found[-1].answer = line + "\n"
            elif line:
                found[-1].body = line + "\n"
    for exchange in found:
        exchange.body, exchange.answer = exchange.body.strip("\n"), exchange.answer.strip()
    return found


def filled(text, known):
    """The text with the values of names already captured."""
    return PLACEHOLDER.sub(lambda m: str(known[m[2]]) if not m[1] and m[2] in known else m[0], text)


def pattern(text):
    """The regular expression an expected text stands for."""
    out, at = "", 0
    for place in PLACEHOLDER.finditer(text):
        if place[2] not in KINDS:
            raise ValueError(f"{place[0]} is neither a kind of placeholder nor captured before")
        out += re.escape(text[at:place.start()])
        out += f"(?P<{place[1]}>{KINDS[place[2]]})" if place[1] else f"(?:{KINDS[place[2]]})"
        at = place.end()
    return out + re.escape(text[at:])


def json_value(text):
    """Expected JSON: placeholders outside strings become `Bare`."""
    out, at, inside = "", 0, False
    while at < len(text):
        place = None if inside else PLACEHOLDER.match(text, at)
        if place:
            out += json.dumps("\x01" + place[0])
            at = place.end()
            continue
        if text[at] == "\\" and inside:
            out += text[at]
            at += 1
        elif text[at] == '"':
            inside = not inside
        out += text[at]
        at += 1
    bare = lambda value: (Bare(value[1:]) if isinstance(value, str) and value.startswith("\x01") else
                          {k: bare(v) for k, v in value.items()} if isinstance(value, dict) else
                          [bare(v) for v in value] if isinstance(value, list) else value)
    return bare(json.loads(out, strict=False))


def differences(expected, actual, captured, path="body"):
    """Sentences on how two JSON values differ; captures go to `captured`."""
    if isinstance(expected, Bare):
        return text_differences(expected, actual if isinstance(actual, str) else json.dumps(actual), captured, path)
    if isinstance(expected, dict) and isinstance(actual, dict):
        out = [f"{path}.{key} is missing" for key in expected.keys() - actual.keys()]
        out += [f"{path}.{key} is too much: {json.dumps(actual[key])}" for key in actual.keys() - expected.keys()]
        for key in expected.keys() & actual.keys():
            out += differences(expected[key], actual[key], captured, f"{path}.{key}")
        return out
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return [f"{path} has {len(actual)} elements instead of {len(expected)}: {json.dumps(actual)}"]
        return [d for i, (e, a) in enumerate(zip(expected, actual)) for d in differences(e, a, captured, f"{path}[{i}]")]
    if isinstance(expected, str) and isinstance(actual, str):
        return text_differences(expected, actual, captured, path)
    same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
    return [] if same else [f"{path} is {json.dumps(actual)} instead of {json.dumps(expected)}"]


def text_differences(expected, actual, captured, path):
    match = re.fullmatch(pattern(expected), actual, re.DOTALL)
    if not match:
        return [f"{path} is {actual!r} instead of {expected!r}"]
    captured.update({k: v for k, v in match.groupdict().items() if v is not None})
    return []


def xml_text(text):
    """XML without the space between its tags, which means nothing in AWS's answers."""
    return re.sub(r">\s+<", "><", text.strip())
