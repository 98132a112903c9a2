"""Last step: the stored reason becomes the sentence that a page shows beside the category."""

from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from banking.categories.reasons import RETURNED, Reason

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise, _StrPromise

_SENTENCES: "dict[Reason, _StrPromise]" = {
    Reason.PERSON: _("Вы выбрали сами → {category}"),
    Reason.RULE: _("Правило «{detail}» → {category}"),
    Reason.TRANSFER_PAIR: _("Пара к переводу на другом вашем счёте → {category}"),
    Reason.BANK_CODE: _("Код операции банка {detail} → {category}"),
    Reason.FIXED_TEXT: _("Текст банка «{detail}» → {category}"),
    Reason.KEYWORD: _("Слово «{detail}» в названии → {category}"),
    Reason.MCC: _("MCC {detail} → {category}"),
    Reason.BANK_CATEGORY: _("Категория банка «{detail}» → {category}"),
    Reason.DEFAULT: _("Ни текст, ни код не подсказали категорию → {category}"),
}
_RETURNED = _("Перевод не прошёл, деньги вернулись → {category}")


def explain(reason: str, detail: str, category_name: "_StrOrPromise") -> "_StrPromise":
    """Why a row has its category, in the reader's language at the time of reading.

    Raises ValueError for a reason that is not one of `Reason`.
    """
    is_returned = reason == Reason.TRANSFER_PAIR and detail == RETURNED
    sentence = _RETURNED if is_returned else _SENTENCES[Reason(reason)]
    return format_lazy(sentence, detail=detail, category=category_name)
