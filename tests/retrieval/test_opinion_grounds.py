"""What the words of a clause leave open: denied hardships, denied merits, fixed phrases, other products, asides."""

import doctest
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.opinions import grounds as module
from retrieval.opinions.grounds import Grounds, clause, grounds
from retrieval.opinions.summary import LEAST_SURE, counted

PROBABILITIES = st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda row: sum(row) > 0.01)


@dataclass(frozen=True)
class Place:
    """A mention of words where they first stand in a sentence."""

    sentence: str
    start: int
    end: int


def at(sentence: str, words: str) -> Place:
    start = sentence.index(words)
    return Place(sentence, start, start + len(words))


def test_the_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Wore them up a volcano and they did not pinch anywhere.", "pinch"),
        ("After two winters the sole has never once come off or leaked.", "leaked"),
        ("Not a single blister in a marathon.", "blister"),
        ("Nobody in the tent was cold or sweaty.", "sweaty"),
        ("The motor can't be faulted.", "motor"),
        ("Eight hours of it without any ache.", "ache"),
        ("Non-slip even on wet tiles.", "slip"),
        ("背着走一天也不累。", "累"),
        ("骑了半年链条没生锈,漆也没掉漆。", "生锈"),
        ("一点异味都没有。", "异味"),
        ("新鞋第一天就不磨脚,推荐。", "磨脚"),
        ("噪音很小,夜里开着也能睡。", "噪音"),
        ("做工没得挑。", "做工"),
        ("包裹严实,完全不会漏。", "漏"),
        ("不太重,老人也提得动。", "太重"),
    ],
)
def test_a_denied_hardship_is_praise(sentence: str, words: str) -> None:
    found = grounds(at(sentence, words))
    assert found.must_praise
    complaint, praise = counted(at(sentence, words), [0.9, 0.0, 0.1], 3)
    assert complaint == 0.0
    assert praise >= LEAST_SURE


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The cover is not waterproof.", "waterproof"),
        ("The seat isn't very comfortable on long rides.", "comfortable"),
        ("说是户外款,其实不防水。", "防水"),
        ("坐垫不太舒服。", "舒服"),
    ],
)
def test_a_denied_merit_is_a_complaint(sentence: str, words: str) -> None:
    complaint, praise = counted(at(sentence, words), [0.2, 0.0, 0.8], 5)
    assert complaint >= LEAST_SURE
    assert praise == 0.0


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Well stitched, but the strap is too short for me.", "stitched"),
        ("It switches itself off, so no more burnt rice.", "switches"),
        ("The other brands leak within a week.", "leak"),
        ("The lining feels like my grandmother's coat.", "lining"),
        ("便宜是便宜,灯光一般。", "便宜"),
        ("别的壶都漏水,这把我很满意。", "漏"),
        ("灯罩重一些,风吹不倒。", "灯罩"),
    ],
)
def test_an_aside_on_something_else_is_no_complaint(sentence: str, words: str) -> None:
    assert counted(at(sentence, words), [0.95, 0.0, 0.05], 4)[0] == 0.0


@pytest.mark.parametrize(
    ("sentence", "words", "stars"),
    [
        ("The strap broke on the second trip.", "broke", 5),
        ("The lid leaks.", "lid", None),
        ("The speaker is a little thin.", "speaker", 5),
        ("Sleeves are too long.", "Sleeves", 4),
        ("Nice cloth, but the sleeves twist.", "sleeves", 2),
        ("提手有点硌手。", "提手", 5),
        ("电量不够一天用。", "电量", 4),
        ("拉链坏了。", "拉链", None),
        ("屏幕一般。", "屏幕", 4),
    ],
)
def test_what_is_found_wanting_stays_a_complaint(sentence: str, words: str, stars: int | None) -> None:
    assert counted(at(sentence, words), [0.97, 0.0, 0.03], stars)[0] >= LEAST_SURE


def test_a_mere_negation_counts_against_a_product_only_where_the_stars_are_few() -> None:
    mention = at("I would not have thought of this handle.", "handle")
    assert counted(mention, [0.97, 0.0, 0.03], 5)[0] == 0.0
    assert counted(mention, [0.97, 0.0, 0.03], 2)[0] >= LEAST_SURE


def test_a_hardship_that_nobody_denies_is_no_praise() -> None:
    assert counted(at("There are scratches on the back.", "scratches"), [0.1, 0.0, 0.9], 5)[1] == 0.0
    assert counted(at("鞋面偏窄。", "偏窄"), [0.1, 0.0, 0.9], 5)[1] == 0.0


@given(PROBABILITIES, st.booleans(), st.booleans())
def test_turning_keeps_the_whole(row: list[float], praises: bool, complains: bool) -> None:
    row = [part / sum(row) for part in row]
    turned = Grounds(must_praise=praises, must_complain=complains).turned(row)
    assert sum(turned) == pytest.approx(1.0)
    assert min(turned) >= 0.0


@given(st.text(alphabet="not leaks, but ;不漏，但很稳", max_size=40), st.data())
def test_a_clause_holds_its_mention(sentence: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sentence)))
    end = data.draw(st.integers(start, len(sentence)))
    for language in ("en", "zh"):
        begin, stop = clause(sentence, start, end, language)
        assert 0 <= begin <= start
        assert end <= stop <= len(sentence)
