"""The agency register of the practice desk, and those who imitate its entries. Nobody real."""

from dataclasses import dataclass
from typing import Final

from console.practice.around import Agency, Spoc


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agency works: what of a request follows from that."""

    country: str
    jurisdiction: str
    entity: str
    basis: str
    dial: str
    names: tuple[str, ...]
    ranks: tuple[str, ...]


PLACES: Final = {
    "US": Place(
        "US", "US-CA", "US", "18 USC 2702(c)(4)", "+1 202 555 01",
        ("Dana Whitlow", "Marcus Teal", "Renee Oakes", "Paul Sandoval"), ("Detective", "Sergeant"),
    ),
    "GB": Place(
        "GB", "GB", "UK", "Investigatory Powers Act 2016, s. 61A", "+44 20 555 01",
        ("Harriet Crane", "Owen Marsh", "Gita Rowe"), ("Detective Constable", "Inspector"),
    ),
    "AU": Place(
        "AU", "AU", "ROW", "Telecommunications Act 1997, s 287", "+61 2 5550 01",
        ("Kylie Brandt", "Tom Ashgrove"), ("Senior Constable", "Sergeant"),
    ),
    "DE": Place(
        "DE", "DE", "EEA", "Art. 6 (1) d DSGVO", "+49 30 555 01",
        ("Anke Lindner", "Jörg Faber", "Svenja Adler"), ("Kriminalkommissarin", "Hauptkommissar"),
    ),
    "FR": Place(
        "FR", "FR", "EEA", "Art. 60-1 CPP", "+33 1 55 50 01",
        ("Claire Vasseur", "Émile Garnier"), ("Lieutenant", "Capitaine"),
    ),
    "ES": Place(
        "ES", "ES", "EEA", "Art. 588 ter LECrim", "+34 91 555 01",
        ("Lucía Robledo", "Íñigo Prats"), ("Inspectora", "Subinspector"),
    ),
    "PT": Place(
        "PT", "PT", "EEA", "Lei 109/2009, art. 14", "+351 21 555 01",
        ("Inês Falcão", "Rui Barreto"), ("Inspetora", "Inspetor"),
    ),
    "BR": Place(
        "BR", "BR", "ROW", "Lei 12.965/2014, art. 10; CPP 13-A", "+55 11 5550 01",
        ("Joana Teles", "Caio Brandão"), ("Delegada", "Investigador"),
    ),
    "JP": Place(
        "JP", "JP", "ROW", "緊急避難(生命・身体の危険)", "+81 3 5550 01",
        ("佐野 明子", "大森 健"), ("警部補", "巡査部長"),
    ),
    "TW": Place(
        "TW", "TW", "ROW", "緊急危難(生命安全)", "+886 2 5550 01",
        ("林 佳穎", "周 志遠"), ("偵查佐", "小隊長"),
    ),
    "KR": Place(
        "KR", "KR", "ROW", "통신비밀보호법 긴급조치", "+82 2 5550 01",
        ("한 서윤", "오 민재"), ("경위", "경사"),
    ),
    "AE": Place(
        "AE", "AE", "ROW", "حالة طارئة: خطر على الحياة", "+971 4 555 01",
        ("سلمى الحارثي", "ياسر النعيمي"), ("نقيب", "ملازم"),
    ),
    "IN": Place(
        "IN", "IN", "ROW", "IT Rules 2021, rule 3(1)(j)", "+91 11 5550 01",
        ("मीरा सक्सेना", "अजय तोमर"), ("Inspector", "Sub-Inspector"),
    ),
}  # fmt: skip

_NAMES: Final = {
    "US": (("Northfield City Police", "northfield-police"),
           ("Harlow County Sheriff", "harlow-sheriff"),
           ("Port Ellison Police", "portellison-pd"),
           ("State Bureau of Missing Persons", "missing-bureau")),
    "GB": (("Westmarsh Constabulary", "westmarsh-police"),
           ("Northern Crime Unit", "northern-crime-unit")),
    "AU": (("Redgum State Police", "redgum-police"),),
    "DE": (("Polizeipräsidium Musterstadt", "polizei-musterstadt"),
           ("LKA Nordmark", "lka-nordmark")),
    "FR": (("Police judiciaire de Valmont", "pj-valmont"),
           ("Gendarmerie de Sorbiers", "gendarmerie-sorbiers")),
    "ES": (("Policía de Villaserena", "policia-villaserena"),),
    "PT": (("Polícia de Monteclaro", "policia-monteclaro"),),
    "BR": (("Polícia Civil de Serra Azul", "policia-serraazul"),),
    "JP": (("青葉県警察本部", "aoba-kenkei"),),
    "TW": (("晴川市警察局", "qingchuan-police"),),
    "KR": (("새벽시 경찰청", "saebyeok-police"),),
    "AE": (("شرطة مدينة النخيل", "nakheel-police"),),
    "IN": (("सूर्यपुर पुलिस", "suryapur-police"),
           ("Cyber Cell Suryapur", "cyber-suryapur")),
}  # fmt: skip


def agencies() -> list[Agency]:
    """Return the register: one entry of it is suspended, one is not confirmed yet."""
    found: list[Agency] = []
    for country, entries in _NAMES.items():
        dial = PLACES[country].dial
        for place, (name, domain) in enumerate(entries):
            number = len(found)
            found.append(
                Agency(
                    id=f"a_{domain}",
                    name=name,
                    country=country,
                    domains=[f"{domain}.example", f"mail.{domain}.example"],
                    callback_numbers=[f"{dial}{10 + number}", f"{dial}{40 + number}"],
                    spoc=Spoc(
                        name="Duty desk",
                        email=f"spoc@{domain}.example",
                        phone=f"{dial}{70 + number}",
                    )
                    if place == 0
                    else None,
                )
            )
    found[2].status = "suspended"
    found[-1].status = "unconfirmed"
    return found


def imitations(domain: str) -> tuple[str, ...]:
    """Return domains that look like `domain` (without its ending): glyph, digit, ending, letter."""
    return (
        f"{domain.replace('o', 'о', 1)}.example",
        f"{domain.replace('l', '1', 1).replace('i', '1', 1)}.example",
        f"{domain}.test",
        f"{domain.replace('-', '', 1)}.example",
        f"{domain}-gov.example",
    )
