import pytest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from banking.categories import rules


def test_explain_names_the_evidence_and_the_category() -> None:
    with override("ru"):
        assert str(rules.explain("mcc", "5411", "Супермаркеты")) == "MCC 5411 → Супермаркеты"


@pytest.mark.parametrize("reason", list(rules.Reason))
def test_explain_has_a_sentence_for_every_reason(reason: str) -> None:
    with override("ru"):
        sentence = str(rules.explain(reason, "магнит", "Супермаркеты"))
    assert sentence.endswith("→ Супермаркеты")
    assert "{" not in sentence


def test_explain_is_translated_when_shown() -> None:
    assert isinstance(rules.explain("default", "", gettext_lazy("Расходы")), Promise)


def test_explain_shows_braces_of_the_evidence_as_they_are() -> None:
    with override("ru"):
        assert "{x}" in str(rules.explain("keyword", "{x}", "Кафе"))


def test_explain_refuses_an_unknown_reason() -> None:
    with pytest.raises(ValueError, match="guess"):
        rules.explain("guess", "", "Кафе")
