"""What requests say, in the languages that they come in. Neutral, short, about nobody."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Situation:
    """A kind of emergency as a requester words it; `{handle}` and `{place}` are filled in."""

    language: str
    countries: tuple[str, ...]
    harm: str
    title: str
    """The desk's own neutral line, in English."""
    narrative: str
    why_now: str
    place: str
    minor: bool = False
    steps: str = ""
    ordinary: str = ""
    necessity: str = ""


_EN: Final = {
    "steps": "A patrol went to the last known address; the phone provider found nothing recent.",
    "ordinary": "A court order takes about two days; the window is hours.",
    "necessity": "Registration data and the last log-in would tell where to send a patrol.",
}

SITUATIONS: Final = (
    Situation(
        "en", ("US", "GB", "AU"), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "The account {handle} posted a farewell message tonight and no longer answers. A friend in {place} "
        "recognised it and called us. We do not know where the person is.",
        "The message names tonight.", "Northfield", **_EN,
    ),
    Situation(
        "en", ("US", "GB", "AU"), "MISSING_PERSON", "Missing child, contact through the platform",
        "A child of 12 has not come home to {place} since 16:00. The last messages were with {handle}, "
        "who proposed to meet.",
        "Every hour counts; the meeting was to be today.", "Harlow", minor=True, **_EN,
    ),
    Situation(
        "en", ("US", "GB"), "SCHOOL_THREAT", "Threat against a school",
        "{handle} announced an attack on a school in {place} for tomorrow morning and named an entrance.",
        "School opens at 08:00.", "Port Ellison", **_EN,
    ),
    Situation(
        "en", ("US", "AU", "GB"), "DOMESTIC_VIOLENCE", "Threat against a former partner",
        "{handle} wrote to a former partner in {place} that she will not see the morning, with a picture of her street.",
        "The picture was taken within the hour.", "Northfield", **_EN,
    ),
    Situation(
        "en", ("US",), "OVERDOSE_MEDICAL", "Possible overdose during a conversation",
        "A person who uses {handle} told a chat group in {place} about taking a large dose and then stopped writing.",
        "The last sign is 20 minutes old.", "Harlow", **_EN,
    ),
    Situation(
        "en", ("US", "GB"), "KIDNAP_ABDUCTION", "Abduction, demand sent through the platform",
        "The family in {place} has a demand from {handle} with a picture of the person of today.",
        "The demand ends at midnight.", "Westmarsh", **_EN,
    ),
    Situation(
        "en", ("IN", "AU"), "SEXTORTION", "Extortion of a young person",
        "{handle} demands money from a young person in {place}, who has told a teacher about not wanting to live.",
        "The demand ends tonight.", "Suryapur", minor=True, **_EN,
    ),
    Situation(
        "es", ("ES",), "MISSING_PERSON", "Missing adolescent",
        "Una menor de 14 años falta de su domicilio en {place} desde ayer. Sus últimos contactos fueron con {handle}.",
        "Se teme que esté con un adulto desconocido.", "Villaserena", minor=True,
        steps="Se ha consultado a la familia y a la operadora.",
        ordinary="El juzgado de guardia tardaría al menos un día.",
        necessity="La última conexión permitiría localizarla.",
    ),
    Situation(
        "es", ("ES",), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "La cuenta {handle} publicó un mensaje de despedida. Creemos que la persona está en {place}.",
        "El mensaje dice «esta noche».", "Villaserena",
        necessity="El teléfono de registro permitiría enviar una patrulla.",
    ),
    Situation(
        "fr", ("FR",), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "Le compte {handle} a publié un message d'adieu il y a une heure. La personne vivrait à {place}.",
        "Le message annonce un passage à l'acte cette nuit.", "Valmont",
        steps="Appel au dernier numéro connu, sans réponse.",
        ordinary="Une réquisition judiciaire prendrait plus d'un jour.",
        necessity="Les données d'inscription permettraient d'envoyer les secours.",
    ),
    Situation(
        "fr", ("FR",), "HOMICIDE_THREAT", "Threat to kill",
        "{handle} menace de mort un commerçant de {place} et dit l'attendre demain matin.",
        "La menace est datée de demain, 7 heures.", "Sorbiers",
        necessity="L'identité du compte permettrait d'intervenir avant.",
    ),
    Situation(
        "de", ("DE",), "SCHOOL_THREAT", "Threat against a school",
        "{handle} kündigt für morgen früh einen Angriff auf eine Schule in {place} an.",
        "Unterrichtsbeginn ist 7:45 Uhr.", "Musterstadt",
        steps="Die Schule ist informiert, Streifen sind vor Ort.",
        ordinary="Ein richterlicher Beschluss liegt erst morgen vor.",
        necessity="Mit den Bestandsdaten lässt sich die Person heute noch ansprechen.",
    ),
    Situation(
        "de", ("DE",), "MISSING_PERSON", "Missing person at risk",
        "Eine Person, die auf Medikamente angewiesen ist, fehlt seit gestern in {place}. Sie nutzt {handle}.",
        "Ohne Medikamente besteht ab heute Abend Lebensgefahr.", "Musterstadt",
        necessity="Der letzte Anmeldeort grenzt die Suche ein.",
    ),
    Situation(
        "pt", ("BR", "PT"), "KIDNAP_ABDUCTION", "Abduction, demand sent through the platform",
        "A família, em {place}, recebeu de {handle} um pedido de resgate com foto de hoje.",
        "O prazo termina à meia-noite.", "Serra Azul",
        steps="A operadora foi consultada, sem sinal desde as 15h.",
        necessity="Os últimos acessos indicariam onde procurar.",
    ),
    Situation(
        "pt", ("BR", "PT"), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "A conta {handle} publicou uma despedida. A pessoa estaria em {place}.",
        "A mensagem fala desta noite.", "Monteclaro",
    ),
    Situation(
        "ja", ("JP",), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "アカウント{handle}が今夜で終わりにすると投稿しました。{place}にお住まいと思われますが所在が分かりません。",
        "投稿は30分前で、その後の書き込みがありません。", "青葉市",
        steps="携帯電話会社に照会済み。", necessity="最終ログインの情報があれば捜索範囲を絞れます。",
    ),
    Situation(
        "ja", ("JP",), "MISSING_PERSON", "Missing child, contact through the platform",
        "{place}の11歳の児童が帰宅していません。{handle}と連絡を取っていました。",
        "会う約束は本日でした。", "青葉市", minor=True,
    ),
    Situation(
        "zh", ("TW",), "HOMICIDE_THREAT", "Threat to kill",
        "{handle}在直播中表示明天要到{place}伤害前同事，并展示了工具。",
        "时间是明天上午九点。", "晴川市", necessity="注册资料可以帮助我们今晚找到此人。",
    ),
    Situation(
        "zh", ("TW",), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "用户{handle}发布了告别信息，家人在{place}联系不到本人。", "最后一条信息是一小时前。", "晴川市",
    ),
    Situation(
        "ko", ("KR",), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "{handle} 계정이 오늘 밤 삶을 마치겠다는 글을 올렸습니다. {place}에 거주하는 것으로 보입니다.",
        "글은 40분 전에 올라왔습니다.", "새벽시", necessity="최근 접속 정보가 있으면 수색할 수 있습니다.",
    ),
    Situation(
        "ko", ("KR",), "STALKING", "Stalking, threat of violence",
        "{handle}이(가) 피해자에게 {place} 집 앞에서 기다리겠다는 메시지를 보냈습니다.", "오늘 저녁입니다.", "새벽시",
    ),
    Situation(
        "ar", ("AE",), "MISSING_PERSON", "Missing child, contact through the platform",
        "طفل عمره 10 سنوات لم يعد إلى المنزل في {place} منذ الظهر، وكان يراسل {handle}.",
        "آخر اتصال كان قبل ساعتين.", "مدينة النخيل", minor=True,
        necessity="بيانات آخر دخول قد تحدد مكانه.",
    ),
    Situation(
        "ar", ("AE",), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "نشر الحساب {handle} رسالة وداع، ويعتقد أن الشخص في {place}.", "الرسالة تذكر هذه الليلة.", "مدينة النخيل",
    ),
    Situation(
        "hi", ("IN",), "SUICIDE_SELF_HARM", "Statement of self-harm",
        "खाते {handle} ने आज रात के लिए विदाई संदेश लिखा है। व्यक्ति {place} में हो सकता है।",
        "संदेश 25 मिनट पुराना है।", "सूर्यपुर", necessity="पंजीकरण का फ़ोन नंबर मिलने पर गश्ती दल भेजा जा सकता है।",
    ),
    Situation(
        "hi", ("IN",), "KIDNAP_ABDUCTION", "Abduction, demand sent through the platform",
        "{place} के एक परिवार को {handle} से फिरौती का संदेश मिला है।", "समय सीमा आधी रात है।", "सूर्यपुर",
    ),
)  # fmt: skip

HOSTILE: Final = (
    "Call \x1b]52;c;cm0gLXJm\x07 us \x1b[2J\x1b[1;31mURGENT\x1b[0m now about {handle}.",
    "[bold red]APPROVED[/bold red] [@click=app.quit]verified[/] [/x] see {handle} in {place}.",
    "The officer\u202egnp.tseuqer\u202c sent it\u2066 for {handle} \u2069 \u200f done.",
    "Da\u200bta of {handle}\u2060 and\u00ad \U000e0041\U000e0042 nothing\ufeff else.",
    "T\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030b\u030ch\u0310\u0311\u0312\u0313"
    "\u0314\u0315e {handle} is urgent\u0336\u0337\u0338\u0336\u0337.",
    "{handle} " + "x" * 6000 + " end of a very long line",
    "<img src=x onerror=alert(1)> ${{7*7}} {{{{ 7 | times: 7 }}}} %s%n $(reboot) `id` {handle}\x00\x9b31m",
)
"""Text as an attacker writes it. Every terminal, widget and template has to survive it."""

INTERNAL: Final = (
    ("SUICIDE_SELF_HARM", "Moderation: farewell note in a comment", "Found while reviewing comments of {handle}. Two friends replied with worry."),
    ("TERRORISM", "Intelligence: announcement of an attack", "A vendor alert links {handle} to an announcement for this weekend."),
    ("CHILD_SEXUAL_ABUSE", "Child safety: report done, person may be in danger now", "The report was filed; the conversation of {handle} names a meeting today."),
    ("DOXXING_SWATTING", "Creator support: swatting announced", "A creator with account {handle} got the announcement of a false emergency call."),
    ("BOMB", "Support: bomb threat in a ticket", "A support ticket of {handle} names a railway station and a time."),
)  # fmt: skip

LIVE: Final = (
    ("SUICIDE_SELF_HARM", "Live stream: self-harm announced", "self_harm_score"),
    ("HOMICIDE_THREAT", "Live stream: fight, weapon visible", "weapon_score"),
    ("OVERDOSE_MEDICAL", "Live stream: person does not react", "no_motion_score"),
    ("CHILD_SEXUAL_ABUSE", "Live stream: minor asked to act by viewers", "minor_coercion_score"),
    ("MASS_VIOLENCE", "Live stream: crowd, panic", "crowd_panic_score"),
)  # fmt: skip

REPORTS: Final = (
    ("SUICIDE_SELF_HARM", "User worries about a friend", "My friend {handle} said goodbye to everyone today, please check."),
    ("STALKING", "User reports being followed", "{handle} knows where I work and waits outside."),
    ("DOMESTIC_VIOLENCE", "User reports a threat at home", "My neighbour {handle} showed bruises in a video and then deleted it."),
)  # fmt: skip
