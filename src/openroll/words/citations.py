"""Articles as each language cites them: rule files name them in English, as `Art. 12(1)`."""

import re

_ARTICLE = re.compile(r"(Overlay a|A)rt\. (\d+)(?:\((\d+)\))?")
_PHRASES = {
    "the list of filed sites is published, no interval is given": "公布备案网站名单，未规定间隔",
    "subpoena, court order or consent; not every subpoena is a court's": "传票、法院命令或本人同意；传票不一定出自法院",
    "duty and period of the regulation, article number not confirmed": "义务和期限出自条例，条号未经证实",
    "the person is not told of each access": "查看身份时不告知本人",
    "article number not confirmed": "条号未经证实",
    "10 years after deactivation": "停用后10年",
    "only after a refusal to correct": "仅在拒不改正之后",
    "amounts of the regulation": "数额出自条例",
    "one extension of at most 120 days": "可延长一次，最多120天",
    "180 days of effect": "施行后180天",
    "no correction step": "没有改正步骤",
    "no appeal clause": "没有申诉条款",
    "five days' grace": "宽限五天",
    "not mentioned": "未提及",
    "not confirmed": "未经证实",
    "the notice": "通告本身",
    "RA 11934": "第11934号共和国法",
}
"""What stands in the shipped rules beside or instead of a number; longer ones first, where one holds another."""


def cited(lang: str, article: str) -> str:
    """An article as a language cites it. What no shipped rule says stays as its rule file has it."""
    if lang != "zh":
        return article
    said = _ARTICLE.sub(_numbered, article)
    for phrase, words in _PHRASES.items():
        said = said.replace(phrase, words)
    return said.replace("; ", "；").replace(": ", "：")


def _numbered(found: re.Match[str]) -> str:
    over, number, part = found.groups()
    return f"{'附加规定' if over.startswith('Overlay') else ''}第{number}条" + (f"第{part}款" if part else "")
