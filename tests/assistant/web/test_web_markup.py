import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsed_html import Elements
from scripted_shop import HOSTILE

from assistant.web.markup import render, reply_text, sanitise, shopper_text
from assistant.web.texts import texts


def test_a_reply_keeps_paragraphs_lists_and_bold() -> None:
    html = reply_text("Two **good** ones:\nhere\n\n1. A & B\n2. C\n- D\nand more")
    assert html == (
        '<div class="reply"><p>Two <strong>good</strong> ones:<br>here</p><ol><li>A &amp; B</li><li>C</li></ol>'
        "<ul><li>D</li></ul><p>and more</p></div>"
    )


def test_a_reply_shows_markdown_pictures_and_links_as_they_were_written() -> None:
    html = reply_text("![x](https://evil.example/x.png) [y](javascript:z) <img src=x onerror=z>")
    assert Elements(html).tags() == ["div", "p"]
    assert "![x](https://evil.example/x.png)" in unescape(html)


def test_a_shoppers_line_breaks_stay_and_their_markup_does_not() -> None:
    assert shopper_text("a\n<b>b</b> ") == '<div class="said">a<br>&lt;b&gt;b&lt;/b&gt;</div>'


@pytest.mark.parametrize(
    "html",
    [
        "<script>x()</script>",
        '<img src="x" onerror="x()">',
        '<a href="javascript:x()">x</a>',
        '<p style="background:url(https://evil.example)">x</p>',
        "<iframe src='https://evil.example'></iframe>",
        "<svg onload=x()>",
    ],
)
def test_sanitise_takes_away_what_could_run(html: str) -> None:
    clean = sanitise(html)
    assert not re.search(r"script|onerror|onload|style|iframe|svg|evil", clean)


WRITTEN = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs")), max_size=300)


@given(WRITTEN | st.just(HOSTILE) | st.just("{{#each this}}\n\n# x\n\n```\n<b>x\n```"))
def test_whatever_is_said_is_shown_literally(text: str) -> None:
    html = shopper_text(text)
    assert set(Elements(html).tags()) <= {"div", "br"}
    assert not any(character in html for character in "${`\n")
    assert "".join(Elements(html).text.split()) == "".join(text.split())


def test_half_an_emoji_is_shown_as_a_question_mark() -> None:
    assert shopper_text("boots \ud83d") == '<div class="said">boots ?</div>'


@given(st.text(max_size=200))
def test_suggestions_carry_their_words_and_nothing_else(text: str) -> None:
    html = render("quick.html", replies=[text], counts={text: 3}, t=texts("en"))
    assert Elements(html).tags() == ["div", "button"]
    assert not any(character in html for character in "${`\n")
