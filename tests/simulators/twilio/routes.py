"""Which path is answered by what; paths are case sensitive and end without a slash."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.simulators.http import Request, Response
from tests.simulators.twilio.answers import Refusal, as_xml, not_found

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

Handler = Callable[..., Response]
Table = dict[str, dict[str, Handler]]
SUFFIXES = (".json", ".txt", ".mp3", ".wav")


class Routes:
    """The paths of both hosts; a word in braces is an id."""

    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator
        self._classic = _classic_table(simulator)
        self._text: Table = {"Transcriptions/{transcription}": {"GET": simulator.legacy.text}}
        self._product = _product_table(simulator)

    def classic(self, request: Request, path: str) -> Response:
        """The 2010 API below the account: JSON for ``.json``, XML without a suffix."""
        bare, suffix = _split(path)
        if suffix == ".txt":
            return _dispatch(self._text, bare, request)
        parts = bare.split("/")
        if len(parts) == 2 and parts[0] == "Recordings" and suffix != ".json":
            if request.method == "GET":
                return self._simulator.media.recording(request, parts[1], suffix)
            if suffix:
                raise Refusal(20004)
        if suffix in {".mp3", ".wav"}:
            raise not_found(path)
        answer = _dispatch(self._classic, bare, request)
        if suffix == ".json":
            return answer
        return as_xml(answer, parts[-1] if len(parts) % 2 else parts[-2].removesuffix("s"))

    def product(self, request: Request, path: str) -> Response:
        return _dispatch(self._product, path, request)


def wants_xml(path: str) -> bool:
    """Whether an error is told in XML: the 2010 API without ``.json``, media included."""
    return path.startswith("/2010-04-01") and not path.endswith(".json")


def _split(path: str) -> tuple[str, str]:
    for suffix in SUFFIXES:
        if path.endswith(suffix):
            return path.removesuffix(suffix), suffix
    return path, ""


def _dispatch(table: Table, path: str, request: Request) -> Response:
    for pattern, handlers in table.items():
        ids = _ids(pattern.split("/"), path.split("/"))
        if ids is None:
            continue
        if request.method not in handlers:
            raise Refusal(20004, request.method)
        return handlers[request.method](request, **ids)
    raise not_found(request.path)


def _ids(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    ids = {}
    for wanted, found in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            ids[wanted.strip("{}")] = unquote(found)
        elif wanted != found:
            return None
    return ids


def _classic_table(simulator: "TwilioSimulator") -> Table:
    calls, recordings = simulator.calls, simulator.recording_routes
    legacy, live = simulator.legacy, simulator.live
    under = {"GET": recordings.fetch_under, "DELETE": recordings.delete_under}
    return {
        "Calls": {"GET": calls.index},
        "Calls/{call}": {"GET": calls.fetch},
        "Calls/{call}/Recordings": {"GET": recordings.index_of_call, "POST": recordings.start},
        "Calls/{call}/Recordings/{recording}": {**under, "POST": recordings.update},
        "Calls/{call}/Transcriptions": {"POST": live.start},
        "Calls/{call}/Transcriptions/{transcription}": {"POST": live.stop},
        "Conferences/{conference}/Recordings": {"GET": recordings.index_of_conference},
        "Conferences/{conference}/Recordings/{recording}": {**under, "POST": recordings.update_conference},
        "Recordings": {"GET": recordings.index},
        "Recordings/{recording}": {"GET": recordings.fetch, "DELETE": recordings.delete},
        "Recordings/{recording}/Transcriptions": {"GET": legacy.index_of_recording},
        "Recordings/{recording}/Transcriptions/{transcription}": {
            "GET": legacy.fetch,
            "DELETE": legacy.delete,
        },
        "Transcriptions": {"GET": legacy.index},
        "Transcriptions/{transcription}": {"GET": legacy.fetch, "DELETE": legacy.delete},
    }


def _product_table(simulator: "TwilioSimulator") -> Table:
    transcripts, services, text = simulator.transcript_routes, simulator.services, simulator.transcript_text
    one = "Transcripts/{transcript}"
    return {
        "Transcripts": {"GET": transcripts.index, "POST": transcripts.create},
        one: {"GET": transcripts.fetch, "DELETE": transcripts.delete},
        f"{one}/Sentences": {"GET": text.sentences},
        f"{one}/Sentences/Encrypted": {"GET": text.encrypted},
        f"{one}/Media": {"GET": text.media},
        f"{one}/OperatorResults": {"GET": text.operator_results},
        f"{one}/OperatorResults/Encrypted": {"GET": text.encrypted},
        f"{one}/OperatorResults/{{operator}}": {"GET": text.operator_result},
        "Services": {"GET": services.index, "POST": services.create},
        "Services/{service}": {"GET": services.fetch, "POST": services.update, "DELETE": services.delete},
    }
