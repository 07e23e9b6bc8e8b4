"""The options of a transcript that is ordered (contract, sections 4.1 to 4.3)."""

from recordings.providers.options import Kind, Option
from recordings.providers.recall.engine_fields import (
    ASSEMBLY,
    DEEPGRAM,
    ELEVENLABS,
    GLADIA,
    RECALL,
    REV,
    SPEECHMATICS,
)
from recordings.providers.recall.engines import ENGINES, OWN_ENGINE, REST

ORDER_OPTIONS: tuple[Option, ...] = (
    Option(
        name="provider",
        kind=Kind.CHOICE,
        label="Engine",
        choices=ENGINES,
        default=OWN_ENGINE,
        is_required=True,
        is_main=True,
        help="All but Recall.ai's own need that company's credentials in the dashboard of this region.",
    ),
    *RECALL,
    *ASSEMBLY,
    *DEEPGRAM,
    *GLADIA,
    *REV,
    *SPEECHMATICS,
    *ELEVENLABS,
    Option(
        name=REST,
        kind=Kind.OBJECT,
        label="Further options of the engine",
        help="A JSON object in the engine's own words; the fields above win over it.",
        group="More",
    ),
    Option(
        name="diarization.use_separate_streams_when_available",
        kind=Kind.BOOLEAN,
        label="Listen to each participant apart",
        provider_default="off",
        help="Where the platform gave separate streams; about 1.8 times as much is billed.",
        group="Speakers",
        is_main=True,
    ),
    Option(
        name="metadata",
        kind=Kind.OBJECT,
        label="Labels",
        help="Names and texts that Recall.ai keeps with the transcript, such as {“project”: “42”}.",
        group="More",
    ),
)
