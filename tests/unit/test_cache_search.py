"""Full-text search in the cache: scripts without spaces, hidden characters, hostile queries."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cache.folding import fold, indexable, tokens
from local_cache.query import CaseQuery, Condition
from tests.caches import Desk, incoming


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.cache.close()


def found(desk: Desk, *words: str, without: tuple[str, ...] = ()) -> list[str]:
    query = CaseQuery(words=words, without_words=without, sort="received")

    def ask(tables):
        return [row.id for row in tables.cases.rows(tables.cases.listing(query))]

    return desk.ask(ask)


def narrative(case_id: str, seq: int, text: str):
    return incoming(case_id, seq, request={"narrative": text})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "他说今天晚上要自杀，请尽快联系。",
            ["自杀", "今天晚上", "联系", "杀", "他", "系", "系。"],
        ),
        ("配信中に自傷をほのめかしています。", ["自傷", "配信", "ほのめかし", "傷", "ます", "す"]),
        ("친구가 자살을 하겠다고 했습니다.", ["자살", "친구", "했습니다", "친", "다"]),
        ("ｱｶｳﾝﾄ停止とＬＩＮＥ通話", ["アカウント", "停止", "LINE通話", "line", "通話"]),
        ("เขาบอกว่าจะทำร้ายตัวเอง", ["ทำร้าย", "ตัวเอง"]),
        ("Über die Brücke, STRASSE 5", ["uber", "brucke", "brücke", "straße", "BRÜ", "5"]),
        ("Он угрожает себе", ["угрожает", "УГРО"]),
        ("يهدد بإيذاء نفسه", ["نفسه", "يهدد"]),
        ("contact: o'neil_77@police.example", ["o'neil", "neil_77", "police.example", "@police"]),
        ("ED-2026-004512", ["ed-2026-0045", "004512", "2026-004512"]),
    ],
)
def test_words_are_found(desk: Desk, text: str, words: list[str]) -> None:
    desk.put(narrative("c_1", 1, text), narrative("c_2", 2, "something else entirely"))
    assert [word for word in words if found(desk, word) != ["c_1"]] == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("自由 殺人", "自殺"),  # two characters that do not stand side by side
        ("杀自", "自杀"),
        ("the bridge", "bridges"),
        ("the bridge", "ridge"),
        ("river bridge", "bridge river"),
    ],
)
def test_what_is_not_there_is_not_found(desk: Desk, text: str, word: str) -> None:
    desk.put(narrative("c_1", 1, text))
    assert found(desk, word) == []


def test_hidden_characters_do_not_keep_a_word_from_being_found(desk: Desk) -> None:
    desk.put(narrative("c_1", 1, "th\u200bre\u00adat of \u202eharm 自\u200b杀"))
    assert [found(desk, word) for word in ("threat", "harm", "自杀", "thr\u2060eat")] == [
        ["c_1"]
    ] * 4


def test_all_words_must_be_there_and_none_of_those_excluded(desk: Desk) -> None:
    desk.put(
        narrative("c_1", 1, "river bridge night"),
        narrative("c_2", 2, "river bridge"),
        narrative("c_3", 3, "river"),
    )
    assert found(desk, "river", "bridge") == ["c_1", "c_2"]
    assert found(desk, "river", without=("night",)) == ["c_2", "c_3"]
    assert found(desk, "river", without=("night", "bridge")) == ["c_3"]
    assert found(desk, without=("bridge",)) == ["c_3"]


def test_every_text_of_a_case_is_searched(desk: Desk) -> None:
    desk.put(
        incoming(
            "c_1", 1, title="wordone", reference="wordtwo", their_reference="wordthree",
            tags=["wordfour"],
            request={"narrative": "wordfive", "persons_at_risk": [{"location": "wordsix"}]},
            requester={
                "name": "wordseven", "agency": "wordeight", "email": "wordnine@a.example",
                "phone": "5550100", "supervisor": {"name": "wordten"},
            },
            messages=[{"id": "m1", "subject": "wordeleven", "body": "wordtwelve"}],
            subjects=[{"id": "s1", "value": "wordthirteen", "display": "@wordfourteen"}],
            notes=[
                {"id": "n1", "type": "note", "body": {"type": "note", "body": "wordfifteen"}},
                {"id": "n2", "type": "note", "body": {"type": "note"}},
            ],
        )
    )  # fmt: skip
    words = [
        "wordone", "wordtwo", "wordthree", "wordfour", "wordfive", "wordsix", "wordseven",
        "wordeight", "wordnine", "5550100", "wordten", "wordeleven", "wordtwelve",
        "wordthirteen", "@wordfourteen", "wordfifteen",
    ]  # fmt: skip
    assert [word for word in words if found(desk, word) != ["c_1"]] == []


def test_a_newer_document_replaces_the_words_of_the_older(desk: Desk) -> None:
    desk.put(narrative("c_1", 1, "river"))
    desk.put(narrative("c_1", 2, "bridge"))
    assert (found(desk, "river"), found(desk, "bridge")) == ([], ["c_1"])
    desk.write(lambda tables: tables.cases.delete("c_1", 3))
    assert found(desk, "bridge") == []


@pytest.mark.parametrize(
    "word",
    ['"', "'", "*", "a OR", "NOT", "body:x", "ties : s1", "^a", "a*b", "(", "NEAR(a b)", "{",
     "\x00", "a\x00b", "\udc80", "-", "+", "a AND b", "%", "\u202e"],
)  # fmt: skip
def test_whatever_is_typed_is_taken_literally(desk: Desk, word: str) -> None:
    desk.put(narrative("c_1", 1, "plain"), narrative("c_2", 2, f"x {word.strip(chr(0xDC80))} y"))
    for query in ((word,), ("plain", word), (word, word)):
        found(desk, *query, without=(word,))
        found(desk, *query)


def test_a_word_of_punctuation_alone_asks_for_nothing(desk: Desk) -> None:
    desk.put(narrative("c_1", 1, "plain"))
    assert found(desk, "…", "plain") == ["c_1"]


def test_marks_that_tie_cases_are_no_words(desk: Desk) -> None:
    desk.put(incoming("c_1", 1, subjects=[{"id": "s1", "value": "778899"}]))
    mark = desk.ask(
        lambda tables: tables.cases.related("c_1", 1)  # reads the same marks without a hit
    )
    assert mark == []
    assert [found(desk, kind) for kind in ("s", "f")] == [[], []]


def test_a_common_word_keeps_the_order_of_the_list(desk: Desk) -> None:
    desk.put(
        *(
            incoming(
                f"c_{n}",
                n,
                title="common",
                queue="odd" if n % 2 else "even",
                received_at=f"2026-11-{1 + n % 28:02d}T00:{n % 60:02d}:{n % 59:02d}Z",
            )
            for n in range(1, 2_200)
        )
    )

    def ask(tables):
        words = CaseQuery(words=("common",), sort="received")
        odd = CaseQuery((Condition("queue", "in", ("odd",)),), words=("comm",), sort="received")
        rows = tables.cases.rows(tables.cases.listing(words))
        return [row.received_ms for row in rows], tables.cases.count(odd)

    received, odd = desk.ask(ask)
    assert len(received) == 2_199
    assert received == sorted(received)
    assert odd == 1_100


def test_folding_is_the_same_twice() -> None:
    for text in ("Straße", "ΑΣ", "İ", "ｶﾞ", "가", "é", "e\u0301", "ﬁ", "一二三"):
        assert fold(fold(text)) == fold(text)


def test_a_run_is_cut_into_pairs_and_its_last_character() -> None:
    assert indexable("自杀案 a").split() == ["自杀", "杀案", "案", "a"]
    assert tokens("自杀案") == (["自杀", "杀案"], False)
    assert tokens("案") == (["案"], True)
