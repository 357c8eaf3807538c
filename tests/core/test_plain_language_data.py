"""Texts of the knowledge files use plain US English and neutral Spanish.

Every human-readable string of the shipped YAML files is searched for words that readers do not use, British spelling,
unsafe wording about suicide and working notes. The wording of validated instruments, titles of sources, identifiers
and phrase lists that match what patients write are not searched, except that titles of sources hold no working notes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
import yaml

from regrow.knowledge.repository import DATA

Path = tuple[str, ...]
ANY_CASE = re.IGNORECASE

ENGLISH = {
    "dialect": re.compile(
        r"\b(somebody|nobody|whoever|anybody|everybody)\b|\bthe house\b|\bin peace\b|\bput off\b|\bcall(ed)? (it )?off\b"
        r"|\bfirst talk\b|\b(our|the|this|no) talk\b|\bwe talk\b(?! for an hour)|\bhour of talk\b|\btake away\b"
        r"|\bgoes? (on|further)\b|\bby itself\b|\bas always\b|\bon (their|his|her) way\b(?! home)|\b(lies?|lay) (ahead|apart)\b"
        r"|\bstands? (in|under|beside|there|against|here|on)\b|\b(was|were|is) told\b|\bkept (with|in|on|at)\b"
        r"|\bwhat became of\b|\bwrite down\b|\badd up\b|\bin force\b|\bthe spray\b|\bthe drip\b|\bdrip\b"
        r"|\bwaits? (for|until)\b|\b(nothing is lost|nothing was lost|no hurry|cross with you|pass water|fits\?|watched over"
        r"|another door|side by side|meanwhile)\b|\brungs?\b|\breckon(s|ed)?\b|\bborne\b|\bsave in an emergency\b",
        ANY_CASE,
    ),
    "british": re.compile(
        r"\b\w*(authoris|summaris|recognis|organis|normalis|randomis|stabilis|analys(ed|ing))\w*"
        r"|\b(favour|colour|behaviour|programme|licence|apnoea|haemorrhage|anaesth\w*|oedema|cancelled|labelled|signalled"
        r"|counselled|centre|misspelt)\b|\be-mail\b|\bgood-bye\b",
        ANY_CASE,
    ),
    "dates": re.compile(
        r"\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|\b\d+ %|\bDr [A-Z]|\bo'clock\b"
    ),
    "suicide": re.compile(
        r"\b(commit(ted|s)? suicide|(successful|failed|unsuccessful|completed) (suicide|attempt)|wants? to die)\b",
        ANY_CASE,
    ),
}
LEAK = re.compile(
    r"\b(recalled|to be (re-)?(checked|read)|re-read|parameters [0-9a-f]{8,}|de memoria)\b|compared with: -|^-$",
    ANY_CASE,
)
# Words on the lists that are right where they stand; each is a part of the text and has its reason.
ALLOWED_ENGLISH = {
    "Have you ever been told": "the question asks what a doctor said to the patient",
    "told you": "as above",
    "don't wait for our reply": "tells the patient not to wait",
}

SPANISH = {
    "english": re.compile(
        r"\b(the|and|you|yours?|with|for|this|that|from|are|was|were|have|had|been|will|would|should|please|when|what|who"
        r"|which|our|we|they|their|them|not|don't|can't|of|to|in|on|at|by|or|if|it|its|text|call|reply|send|sign|back|next"
        r"|today|tomorrow|weeks?|days?|hours?|minutes?|appointment|treatment|session|check-?in|e-?mail|link|insurance"
        r"|provider|nurse|bladder|doses?|scores?|drip|spray|how|why|after|before|open|close|save|none|yes)\b",
        ANY_CASE,
    ),
    "tu_pronoun": re.compile(r"\b(tú|tus?|ti|contigo|te|tuy[oa]s?)\b", ANY_CASE),
    "tu_verb": re.compile(
        r"\b(eres|estás|tienes|puedes|quieres|sientes|necesitas|sabes|debes|haces|prefieres|vives|tomas|duermes|has|hayas"
        r"|podrías|deberías|tendrás|recibirás|verás|hiciste|dijiste|tomaste|elegiste|estuviste|tengas|puedas|quieras"
        r"|sientas|hagas)\b",
        ANY_CASE,
    ),
    "tu_negative": re.compile(
        r"\bno (llames|escribas|envíes|tomes|comas|bebas|conduzcas|manejes|dejes|olvides|uses|esperes|firmes|cierres)\b",
        ANY_CASE,
    ),
    "tu_imperative": re.compile(
        r"(?:^|[.:;?!]\s+)(llama|escribe|envía|manda|responde|contesta|toca|marca|oprime|presiona|elige|toma|come|bebe"
        r"|descansa|abre|lee|mira|espera|trae|dinos|cuéntanos|avísanos|escríbenos|llámanos|pregúntanos|pídenos|haz|ve|ven"
        r"|pon|di|usa|evita|guarda|firma|sigue|vuelve|intenta|prueba|revisa|confirma|agrega|habla|duerme|entra|busca"
        r"|comparte|cambia|cancela)\b",
        ANY_CASE,
    ),
    "bare_usted": re.compile(r"(?:^|[.:;]\s+)(sabe|recibe|lee|manda|habla|conduce|maneja|elige)\b", ANY_CASE),
    "voseo_vosotros": re.compile(
        r"\b(vos|vosotr[oa]s|vuestr[oa]s?|sos|tenés|podés|querés|sabés|\w+(áis|éis))\b", ANY_CASE
    ),
    "gender": re.compile(r"\w\((a|as|o|os)\)|\w+[oa]/[oa]s?\b|\bbienvenid[oa]\b|\bjuntos\b", ANY_CASE),
    "nurse_doctor": re.compile(r"\b(enfermera|enfermero|su médico|el paciente|la paciente)\b", ANY_CASE),
    "no_open_mark": re.compile(r"^[^¿]*\?|^[^¡]*!"),
    "time": re.compile(
        r"\b\d{1,2}(:\d\d)? ?([AaPp]\.?M\b|am\b|pm\b|a\.m\.|p\.m\.)|\b(0\d|1[3-9]|2[0-3]):\d\d\b"
    ),
    "placeholder_article": re.compile(r"\b(el|del|al|a las|las|los|a|de|para) \{(day|time|who)\}", ANY_CASE),
    "decimal_comma": re.compile(r"\d,\d{1,2}\b(?!\d)"),
    "percent_space": re.compile(r"\d\s%"),
    "month_capital": re.compile(
        r"\b\d{1,2} (de )?(Ene|Feb|Mar|Abr|May|Jun|Jul|Ago|Sept?|Oct|Nov|Dic)[a-z]*\b"
        r"|(?<=\S )(Lunes|Martes|Miércoles|Jueves|Viernes|Sábado|Domingo)\b"
    ),
    "regional": re.compile(
        r"\b(ordenador|móvil|zumo|coche|aparcar|cog(er|e|emos|ió)|pinch\w+|ahorita|guagua|plática|aventón|aseguranza"
        r"|textear|chequear|someter|link|email)\b",
        ANY_CASE,
    ),
    "false_friend": re.compile(
        r"\b(eventualmente|actualmente|condición|proveedor|intoxicad[oa]|severo|récord|guardián|soporte|resumir|presupuesto"
        r"|droga para|once al día)\b",
        ANY_CASE,
    ),
    "dialect": re.compile(
        r"\b(control|charla|suero|etiqueta|lugar antes|se para|otra puerta|lado a lado|terapia hablada|en soledad"
        r"|a toda hora|otro sí|su sí|doy mi acuerdo|de memoria|maraña|todas (mis|las) horas|infección del pecho"
        r"|insuficiencia del corazón)\b",
        ANY_CASE,
    ),
    "crisis_988": re.compile(r"\A(?=.*988)(?!.*(oprima 2|AYUDA))", re.S),
    "drive": re.compile(r"(maneje|conduzca)(?!.*(sueño reparador|noche))", re.S | ANY_CASE),
    "suicide": re.compile(
        r"\b(comet\w+ suicidio|suicidarse con|intento (fallido|exitoso|frustrado)|quiere morir)\b", ANY_CASE
    ),
}
ALLOWED_SPANISH = {
    "«off-label»": "the English term, explained, because patients hear it",
    "(odds ratio)": "the statistical term beside its translation",
    "(risk ratio)": "the statistical term beside its translation",
    "Toma como un minuto": "toma is a duration here, not a command",
    "Responde AMPA": "the title of a step: the receptor responds",
    "responde AMPA": "the label of its curve",
    "Mejora el estado": "the title of a step",
}

# Keys whose values are identifiers, codes, addresses or lists of words that are matched with what people wrote.
MACHINE = {
    "id", "ids", "source", "mark", "where", "kind", "class", "classes", "names", "icd10", "snomed", "loinc",
    "from", "page", "obtain", "tongues", "opt_out", "opt_in", "agrees", "declines", "crisis", "look_for", "units", "codes",
    "limits", "zone", "email", "text_number", "text_number_digits", "link", "effective", "anchor", "instrument",
}  # fmt: skip
OWN_SCALES = {"after-session", "maintenance-check", "own-goal", "comfort"}
INSTRUMENT_WORDING = {"stem", "items", "options", "translations"}
MESSAGES = DATA / "messages" / "patient.yaml"
CONTACT = DATA / "contact"
ID = re.compile(r"[a-z0-9_.:/+-]+")
BRACES = re.compile(r"\{[a-z0-9_.-]+\}")

GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
LONGEST = {
    "clinic": "Happy Healthy New York",
    "link": "https://clinic.example.org/p/" + "x" * 36,
    "time": "11:30 a. m.",
    "day": {"en": "Wednesday, November 25", "es": "miércoles 25 de noviembre"},
    "who": {"en": "Our on-call clinician", "es": "Nuestro personal de guardia"},
}


@dataclass(frozen=True)
class Text:
    """One string: the file it is in, its path of keys, its language."""

    file: str
    path: Path
    language: str
    value: str

    def __str__(self) -> str:
        return f"{self.file} {'.'.join(self.path)}: {self.value}"


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, str(number)))
    elif isinstance(value, str):
        yield path, value


def is_machine(file_id: str, folder: str, path: Path) -> bool:
    """Whether a string is for the machine, a source's title, a phrase list or the wording of a validated instrument."""
    if folder == "contact" and path[0] == "crisis":
        return True
    keys = {key for key in path if not key.isdigit()} - ({"crisis"} if folder != "contact" else set())
    if "sources" in keys or keys & MACHINE or any(key.endswith("_source") for key in keys):
        return True
    if folder in ("candidacy/definitions", "candidacy/staging") and path[-2:-1] in (("words",), ("icd10",)):
        return True
    return folder == "scales" and file_id not in OWN_SCALES and path[0] in INSTRUMENT_WORDING


def texts() -> Sequence[Text]:
    found = []
    for file in sorted(DATA.rglob("*.yaml")):
        contents = yaml.load(file.read_text(encoding="utf-8"), yaml.CBaseLoader)
        folder = file.parent.relative_to(DATA).as_posix()
        for path, value in leaves(contents):
            if (
                not re.search(r"[^\W\d]", value)
                or ID.fullmatch(value)
                or is_machine(contents["id"], folder, path)
            ):
                continue
            spanish = (
                contents.get("language") == "es"
                or path[-1].endswith("_es")
                or path[-1] == "es"
                or "es" in path
            )
            found.append(
                Text(f"{folder}/{file.name}", path, "es" if spanish or "brings_es" in path else "en", value)
            )
    return found


TEXTS = texts()
SOURCE_TITLES = [
    (file.name, path, value)
    for file in sorted(DATA.rglob("*.yaml"))
    for path, value in leaves(yaml.load(file.read_text(encoding="utf-8"), yaml.CBaseLoader))
    if "sources" in path and path[-1] == "title"
]
COMMENTS = [
    (file.name, comment)
    for file in sorted(DATA.rglob("*.yaml"))
    for line in file.read_text(encoding="utf-8").splitlines()
    for comment in [line[line.find("# ") :] if re.search(r"(^|\s)# ", line) else ""]
    if comment
]


def problems(value: str, language: str) -> list[str]:
    """Names of the word lists that a text breaks."""
    lists, allowed = (SPANISH, ALLOWED_SPANISH) if language == "es" else (ENGLISH, ALLOWED_ENGLISH)
    for part in allowed:
        value = value.replace(part, "")
    bare = BRACES.sub("", value)  # names of figures and placeholders are not words
    found = [n for n, p in lists.items() if p.search(value if n == "placeholder_article" else bare)]
    return found + (["leak"] if LEAK.search(value) else [])


def test_the_texts_of_all_kinds_and_both_languages_are_read() -> None:
    folders = {text.file.rsplit("/", 1)[0] for text in TEXTS}
    assert {
        "learn",
        "consents",
        "messages",
        "protocols",
        "symptoms",
        "candidacy/criteria",
        "routes",
        "scales",
    } <= folders
    assert len(folders) > 35
    assert sum(text.language == "en" for text in TEXTS) > 1500
    assert sum(text.language == "es" for text in TEXTS) > 350
    assert len(SOURCE_TITLES) > 140 and len(COMMENTS) > 100


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_text_breaks_a_word_list(language: str) -> None:
    texts_of_language = [text for text in TEXTS if text.language == language]
    broken = [(p, str(text)) for text in texts_of_language for p in problems(text.value, language)]
    assert len(texts_of_language) > 100
    assert broken == []


def test_every_exception_is_needed() -> None:
    whole = "\n".join(text.value for text in TEXTS)
    assert [part for part in (*ALLOWED_ENGLISH, *ALLOWED_SPANISH) if part not in whole] == []


def test_titles_of_sources_hold_no_working_notes() -> None:
    assert SOURCE_TITLES
    assert [title for title in SOURCE_TITLES if LEAK.search(title[2])] == []


def test_comments_use_plain_technical_english() -> None:
    lists = ("dialect", "british")
    assert COMMENTS
    assert [c for c in COMMENTS if any(ENGLISH[name].search(c[1]) for name in lists)] == []


@pytest.mark.parametrize(
    ("language", "list_", "bad"),
    [
        ("en", "dialect", "Somebody from the clinic has been told."),
        ("en", "dialect", "The drip and the spray are given here."),
        ("en", "british", "Prior authorisation for anaesthesia"),
        ("en", "dates", "53.6 % on 27 Nov, says Dr Lin"),
        ("en", "suicide", "A failed suicide attempt"),
        ("en", "leak", "Recalled; to be re-read."),
        ("es", "tu_imperative", "Recibimos su mensaje. Llama a la clínica."),
        ("es", "bare_usted", "Lee el consentimiento con calma."),
        ("es", "tu_verb", "¿Cómo estás?"),
        ("es", "placeholder_article", "Su cita es el {day}"),
        ("es", "crisis_988", "Llame o escriba al 988."),
        ("es", "drive", "No conduzca hasta mañana, después de dormir."),
        ("es", "dialect", "El suero no está en la etiqueta."),
        ("es", "no_open_mark", "Cómo está?"),
        ("es", "time", "a las 05:00"),
        ("es", "percent_space", "el 53.6 % respondió"),
        ("es", "english", "Su check-in está listo"),
    ],
)
def test_the_lists_find_what_they_are_for(language: str, list_: str, bad: str) -> None:
    assert list_ in problems(bad, language)


def message_texts() -> Sequence[tuple[str, str, str]]:
    """Message id, language, text with the longest values filled in."""
    found = []
    for id, message in yaml.load(MESSAGES.read_text(encoding="utf-8"), yaml.CBaseLoader)["messages"].items():
        for language, text in message["text"].items():
            values = {k: v[language] if isinstance(v, dict) else v for k, v in LONGEST.items()}
            found.append((id, language, text.format(**values)))
    return found


def segments(text: str) -> int:
    """SMS segments of a text in the GSM-7 alphabet."""
    return 1 if len(text) <= 160 else -(-len(text) // 153)


def test_every_text_message_has_two_segments_at_most() -> None:
    found = message_texts()
    assert len(found) == 48
    assert [(id, language) for id, language, text in found if not set(text) <= GSM7] == []
    assert [(id, language, len(text)) for id, language, text in found if segments(text) > 2] == []
    assert [id for id, language, text in found if language == "en" and not text.isascii()] == []


def test_the_crisis_text_names_help_in_order() -> None:
    crisis = {language: text for id, language, text in message_texts() if id == "crisis"}
    order = {
        "en": ["thank you", "988", "911", LONGEST["who"]["en"]],  # type: ignore[index]
        "es": ["gracias", "988 y oprima 2", "AYUDA al 988", "911", LONGEST["who"]["es"]],  # type: ignore[index]
    }
    assert order
    for language, parts in order.items():
        at = [crisis[language].find(part) for part in parts]
        assert -1 not in at and at == sorted(at), crisis[language]


def test_both_languages_of_a_message_name_988_alike() -> None:
    by_id: dict[str, set[bool]] = {}
    for id, _, text in message_texts():
        by_id.setdefault(id, set()).add("988" in text)
    assert {True} in by_id.values()
    assert {id for id, found in by_id.items() if len(found) > 1} == set()
