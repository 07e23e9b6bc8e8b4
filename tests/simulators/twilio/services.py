"""Intelligence Services: one language, one webhook, perhaps transcripts without being asked."""

from typing import TYPE_CHECKING, Any

from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.twilio.answers import Refusal, iso8601, not_found
from tests.simulators.twilio.forms import BOOLEAN, PAGING, is_url, one_of, read_form, read_query, sid, text
from tests.simulators.twilio.paging import product
from tests.simulators.twilio.state import SERVICE_DEFAULTS, Service

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

CHANGE = {
    "UniqueName": text(),
    "FriendlyName": text(),
    "AutoTranscribe": BOOLEAN,
    "AutoRedaction": BOOLEAN,
    "MediaRedaction": BOOLEAN,
    "DataLogging": BOOLEAN,
    "WebhookUrl": lambda value: value == "" or is_url(value),
    "WebhookHttpMethod": one_of("GET", "POST", "NULL"),
    "EncryptionCredentialSid": sid("CR"),
}
CREATE = {**CHANGE, "LanguageCode": text()}  # one language, fixed at creation


class Services:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator
        self.all: dict[str, Service] = {}

    def add(self, unique_name: str, **settings: Any) -> Service:
        simulator, now = self._simulator, self._simulator.clock.now()
        service = Service(
            sid=simulator.new_sid("GA"),
            order=simulator.next_order(),
            created_at=now,
            updated_at=now,
            unique_name=unique_name,
            settings=settings,
        )
        self.all[service.sid] = service
        return service

    def find(self, service_sid: str) -> Service:
        if service_sid not in self.all:
            raise not_found(f"/v2/Services/{service_sid}")
        return self.all[service_sid]

    def named(self, name: str) -> Service:
        """By SID or unique name, as an option of a live transcription."""
        for service in self.all.values():
            if name in {service.sid, service.unique_name}:
                return service
        raise Refusal(20422, f"IntelligenceService={name}")

    def index(self, request: Request) -> Response:
        query = read_query(request, PAGING, strict=self._simulator.switches.is_strict)
        page = self._simulator.pager.cut(self.all.values(), query)
        return json_answer(product(request, "services", page, self.shape, origin=self._simulator.origin))

    def create(self, request: Request) -> Response:
        form = read_form(request, CREATE, "UniqueName", strict=self._simulator.switches.is_strict)
        self._refuse_taken(form["UniqueName"])
        service = self.add(form["UniqueName"], **_settings(form))
        self._simulator.perform("create_service", self._simulator.account_sid, result=service.sid, **form)
        return json_answer(self.shape(service), 201)

    def fetch(self, request: Request, service: str) -> Response:
        return json_answer(self.shape(self.find(service)))

    def update(self, request: Request, service: str) -> Response:
        found = self.find(service)
        form = read_form(request, CHANGE, strict=self._simulator.switches.is_strict)
        if form.get("UniqueName", found.unique_name) != found.unique_name:
            self._refuse_taken(form["UniqueName"])
        found.unique_name = form.get("UniqueName", found.unique_name)
        found.settings |= _settings(form)
        found.version, found.updated_at = found.version + 1, self._simulator.clock.now()
        self._simulator.perform("update_service", found.sid, **form)
        return json_answer(self.shape(found))

    def delete(self, request: Request, service: str) -> Response:
        del self.all[self.find(service).sid]
        self._simulator.perform("delete_service", service)
        return empty_answer()

    def shape(self, service: Service) -> dict[str, Any]:
        return {
            "account_sid": self._simulator.account_sid,
            "sid": service.sid,
            "unique_name": service.unique_name,
            **{name: service.setting(name) for name in SERVICE_DEFAULTS},
            "version": service.version,
            "url": f"{self._simulator.origin}/v2/Services/{service.sid}",
            "date_created": iso8601(service.created_at),
            "date_updated": iso8601(service.updated_at),
        }

    def _refuse_taken(self, unique_name: str) -> None:
        if any(service.unique_name == unique_name for service in self.all.values()):
            raise Refusal(20409, f"UniqueName {unique_name} is taken")


def _settings(form: dict[str, str]) -> dict[str, Any]:
    return {
        _snake(name): {"true": True, "false": False}.get(value, value)
        for name, value in form.items()
        if name != "UniqueName"
    }


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
