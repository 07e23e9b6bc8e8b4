"""The options of each engine that transcribes a finished recording (contract, section 4.2).

An option is named after its engine, "deepgram_async.model", and is sent for that engine only. Newer
accounts pass options through to the engine as they are, older ones know fewer names.
"""

from typing import Any

from recordings.providers.options import Kind, Option
from recordings.providers.recall.engines import LABELS

_LANGUAGES = (
    ("auto", "find out"), ("bg", "Bulgarian"), ("ca", "Catalan"), ("cs", "Czech"), ("da", "Danish"),
    ("de", "German"), ("el", "Greek"), ("en", "English"), ("en_au", "English (Australia)"),
    ("en_uk", "English (UK)"), ("en_us", "English (US)"), ("es", "Spanish"), ("et", "Estonian"),
    ("fi", "Finnish"), ("fr", "French"), ("hi", "Hindi"), ("hr", "Croatian"), ("hu", "Hungarian"),
    ("id", "Indonesian"), ("it", "Italian"), ("ja", "Japanese"), ("ko", "Korean"), ("lt", "Lithuanian"),
    ("lv", "Latvian"), ("ms", "Malay"), ("nl", "Dutch"), ("no", "Norwegian"), ("pl", "Polish"),
    ("pt", "Portuguese"), ("ro", "Romanian"), ("ru", "Russian"), ("sk", "Slovak"), ("sv", "Swedish"),
    ("th", "Thai"), ("tr", "Turkish"), ("uk", "Ukrainian"), ("vi", "Vietnamese"), ("zh", "Chinese"),
)  # fmt: skip


def _field(name: str, kind: Kind, label: str, **facts: Any) -> Option:
    return Option(name=name, kind=kind, label=label, group=LABELS[name.partition(".")[0]], **facts)


def _fields(engine: str, kind: Kind, **labels: str) -> tuple[Option, ...]:
    """Several plain options of one kind; the engine's own default holds when one is left out."""
    return tuple(_field(f"{engine}.{name}", kind, label) for name, label in labels.items())


def _by_voice(name: str) -> Option:
    return _field(
        name,
        Kind.BOOLEAN,
        "Tell speakers apart by voice",
        help="Speakers get labels such as A or 0 instead of their names.",
        provider_default="off",
    )


RECALL = (
    _field(
        "recallai_async.language_code",
        Kind.CHOICE,
        "Language",
        choices=_LANGUAGES,
        default="auto",
        provider_default="auto",
        is_main=True,
    ),
    _field(
        "recallai_async.spelling",
        Kind.LIST,
        "Spelling",
        help="A JSON list such as [{“find”: [“tape deck”], “replace”: “Tapedeck”}].",
    ),
    _field("recallai_async.key_terms", Kind.LIST, "Words to expect", help="A JSON list of texts."),
    _field("recallai_async.filter_profanity", Kind.BOOLEAN, "Hide swear words", provider_default="off"),
)

_A = "assembly_ai_async"
ASSEMBLY = (
    _field(f"{_A}.language_code", Kind.TEXT, "Language", provider_default="en_us"),
    _field(f"{_A}.language_detection", Kind.BOOLEAN, "Find out the language", provider_default="off"),
    _field(f"{_A}.speech_model", Kind.TEXT, "Model", provider_default="best"),
    _field(f"{_A}.punctuate", Kind.BOOLEAN, "Punctuation", default=True, provider_default="on"),
    _field(f"{_A}.format_text", Kind.BOOLEAN, "Capitals and numbers", default=True, provider_default="on"),
    _by_voice(f"{_A}.speaker_labels"),
    _field(f"{_A}.speakers_expected", Kind.INTEGER, "Speakers to expect", minimum=1),
    _field(f"{_A}.audio_start_from", Kind.INTEGER, "From (milliseconds)", minimum=0),
    _field(f"{_A}.audio_end_at", Kind.INTEGER, "To (milliseconds)", minimum=0),
    _field(
        f"{_A}.language",
        Kind.TEXT,
        "Language (older accounts)",
        help="Only for Recall.ai accounts with the option names from before July 2025.",
    ),
    *_fields(_A, Kind.TEXT, boost_param="Strength of the words to expect"),
    *_fields(
        _A,
        Kind.LIST,
        word_boost="Words to expect",
        keyterms_prompt="Key terms",
        custom_spelling="Spelling",
        redact_pii_policies="What to black out",
    ),
    *_fields(
        _A,
        Kind.BOOLEAN,
        disfluencies="Keep “um” and “er”",
        multichannel="One channel a speaker",
        filter_profanity="Hide swear words",
        redact_pii="Black out personal data",
        sentiment_analysis="Sentiment",
        entity_detection="Names and places",
        auto_chapters="Chapters",
        summarization="Summary",
    ),
)

_D = "deepgram_async"
DEEPGRAM = (
    *_fields(_D, Kind.TEXT, model="Model"),
    _field(f"{_D}.language", Kind.TEXT, "Language", provider_default="en", help="“multi” for several."),
    _by_voice(f"{_D}.diarize"),
    *_fields(
        _D,
        Kind.BOOLEAN,
        detect_language="Find out the language",
        punctuate="Punctuation",
        smart_format="Capitals and numbers",
        paragraphs="Paragraphs",
        utterances="Utterances",
        filler_words="Keep “um” and “er”",
        numerals="Numbers as digits",
        profanity_filter="Hide swear words",
        topics="Topics",
        sentiment="Sentiment",
        mip_opt_out="Not for improving their models",
    ),
    *_fields(
        _D,
        Kind.LIST,
        redact="What to black out",
        replace="Replacements",
        search="Words to look for",
        keywords="Words to expect",
        keyterm="Key terms",
        tag="Tags",
    ),
    *_fields(_D, Kind.TEXT, summarize="Summary"),
)

_G = "gladia_v2_async"
GLADIA = (
    *_fields(_G, Kind.OBJECT, language_config="Languages"),
    *_fields(
        _G,
        Kind.BOOLEAN,
        detect_language="Find out the language (deprecated)",
        enable_code_switching="Several languages (deprecated)",
    ),
    *_fields(_G, Kind.TEXT, language="Language (deprecated)"),
    _by_voice(f"{_G}.diarization"),
    _field(f"{_G}.diarization_config.number_of_speakers", Kind.INTEGER, "Speakers", minimum=1),
    _field(f"{_G}.diarization_config.min_speakers", Kind.INTEGER, "Speakers at least", minimum=1),
    _field(f"{_G}.diarization_config.max_speakers", Kind.INTEGER, "Speakers at most", minimum=1),
    *_fields(
        _G,
        Kind.BOOLEAN,
        translation="Translation",
        custom_vocabulary="Words to expect",
        subtitles="Subtitles",
        summarization="Summary",
        named_entity_recognition="Names and places",
        sentiment_analysis="Sentiment",
        audio_to_llm="Questions to a language model",
    ),
    *_fields(
        _G,
        Kind.OBJECT,
        translation_config="How to translate",
        custom_vocabulary_config="The words to expect",
        subtitles_config="How to make subtitles",
        summarization_config="How to summarise",
        audio_to_llm_config="The questions",
    ),
)

_R = "rev_async"
REV = (
    *_fields(
        _R,
        Kind.TEXT,
        language="Language",
        transcriber="Transcriber",
        custom_vocabulary_id="Stored words to expect",
    ),
    *_fields(
        _R,
        Kind.BOOLEAN,
        skip_diarization="Do not tell speakers apart",
        skip_punctuation="No punctuation",
        skip_postprocessing="No post-processing",
        remove_disfluencies="Leave out “um” and “er”",
        remove_atmospherics="Leave out noises",
        filter_profanity="Hide swear words",
    ),
    *_fields(_R, Kind.LIST, custom_vocabularies="Words to expect"),
    _field(f"{_R}.speakers_count", Kind.INTEGER, "Speakers to expect", minimum=1),
)

_S = "speechmatics_async"
SPEECHMATICS = (
    _field(f"{_S}.transcription_config.language", Kind.TEXT, "Language", help="Required by this engine."),
    _field(
        f"{_S}.transcription_config.operating_point",
        Kind.CHOICE,
        "Quality",
        choices=(("standard", "standard"), ("enhanced", "enhanced")),
    ),
    _field(
        f"{_S}.transcription_config.diarization",
        Kind.CHOICE,
        "Tell speakers apart",
        choices=(("none", "no"), ("speaker", "by voice"), ("channel", "by channel")),
    ),
    _field(f"{_S}.transcription_config.additional_vocab", Kind.LIST, "Words to expect"),
    _field(f"{_S}.transcription_config.enable_entities", Kind.BOOLEAN, "Names and numbers"),
    *_fields(
        _S,
        Kind.OBJECT,
        language_identification_config="How to find out the language",
        translation_config="How to translate",
        summarization_config="How to summarise",
    ),
    *_fields(
        _S,
        Kind.TEXT,
        language="Language (older accounts)",
        domain="Domain (older accounts)",
        operating_point="Quality (older accounts)",
    ),
)

ELEVENLABS = (
    _field("elevenlabs_async.model_id", Kind.TEXT, "Model", default="scribe_v2"),
    _field("elevenlabs_async.language_code", Kind.TEXT, "Language", help="Empty: it finds out."),
)
