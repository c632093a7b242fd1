import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import Prompt, PromptError, load_prompt, prompt_names
from prompts.loader import PROMPTS


def test_every_shipped_prompt_loads_and_renders_with_exactly_its_variables():
    names = sorted(path.stem for path in PROMPTS.glob("*.md"))
    assert names == [
        "answer", "compare", "house_rules", "merchant", "parse", "parse_message", "recommend", "rewrite",
        "rewrite_product",
    ]  # fmt: skip
    assert tuple(names) == prompt_names()
    for name in names:
        prompt = load_prompt(name)
        text = prompt.render(**dict.fromkeys(prompt.variables, "VALUE"))
        assert "<<" not in text
        assert text.count("VALUE") >= len(prompt.variables)


def test_a_missing_variable_is_named():
    with pytest.raises(PromptError, match=r"'greet' needs a value for shop"):
        Prompt("greet", "Hello <<name>> of <<shop>>").render(name="Ann")


def test_an_unused_variable_is_named():
    with pytest.raises(PromptError, match=r"'greet' has no variable colour"):
        Prompt("greet", "Hello <<name>>").render(name="Ann", colour="red")


def test_an_unknown_prompt_names_the_file(tmp_path):
    with pytest.raises(PromptError, match=r"cannot read prompt 'nope' at .*nope\.md"):
        load_prompt("nope", tmp_path)


@pytest.mark.parametrize("name", ["../secrets", "a/b", "", "A", "x.md"])
def test_a_name_cannot_leave_the_folder(name):
    with pytest.raises(PromptError, match="cannot be a prompt's name"):
        load_prompt(name)


@pytest.mark.parametrize("text", ["Hello <<Name>>", "Hello <<name>", "a >> b", "<< name >>"])
def test_a_stray_delimiter_in_a_file_is_refused(tmp_path, text):
    (tmp_path / "odd.md").write_text(text, encoding="utf-8")
    with pytest.raises(PromptError, match="belongs to no variable"):
        load_prompt("odd", tmp_path)


@given(st.text())
def test_a_value_is_never_scanned_for_variables(value):
    assert Prompt("p", "[<<a>>][<<b>>]").render(a=value + "<<b>>", b="B") == f"[{value}<<b>>][B]"
