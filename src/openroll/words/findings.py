"""What a check of a rule came to, in two languages: in Chinese by the finding's id and outcome, in English as the check saw it.

The Chinese sentence says what passing or failing means for that check; names and numbers stand in the English one alone.
"""

from typing import NamedTuple

from openroll.rules.check import Finding


class Meant(NamedTuple):
    """What each outcome of a check means, in Chinese."""

    passed: str
    failed: str
    not_stated: str = "规则对此没有规定"


MEANT: dict[str, Meant] = {
    "legality": Meant(
        "义务和措施都已写明，并有数字", "没有写明义务或措施，或其中有的没有数字（例如只说“及时”，或不设上限）"
    ),
    "aim": Meant("每个个人信息项都写明了用途", "有个人信息项没有写明用途", "没有列出个人信息项"),
    "minimal": Meant(
        "个人信息项都在写明的最小范围之内", "没有写明最小范围，或有个人信息项超出了它", "没有列出个人信息项"
    ),
    "bearer": Meant("没有义务落在个人或住户身上", "有义务落在个人或住户身上", "没有列出义务"),
    "choice": Meant("个人有不被识别而上网的途径", "个人没有不被识别而上网的途径"),
    "no-cut-off": Meant("没有措施可以停止个人上网", "有措施可以停止个人上网"),
    "court": Meant("没有停网措施，或停网都由法院决定", "有停网措施不由法院决定"),
    "cap": Meant("没有停网措施，或停网都不超过30天", "有停网措施没有上限，或超过30天"),
    "innocence": Meant("规则写明不倒置举证责任", "规则没有作出不倒置举证责任的保证"),
    "correction": Meant(
        "采取措施之前有至少14天的改正时间，或只在拒不改正之后才采取措施",
        "有措施不经改正即可采取，或改正时间不足14天",
    ),
    "hearing": Meant(
        "没有重于警告的措施，或之前可在至少5天内要求听证并至少提前7天得到通知",
        "没有听证，或要求听证的时间不足5天，或提前通知不足7天",
    ),
    "appeal": Meant("申诉由另一机关受理，申诉期间停止执行", "没有申诉，或不由另一机关受理，或申诉期间不停止执行"),
    "ladder": Meant(
        "第一步是警告或责令改正，罚款有上限，一事不二罚",
        "第一步不只是警告或责令改正，或罚款没有上限，或没有写明一事不二罚",
        "没有列出措施",
    ),
    "prior-review": Meant("查看身份须经法院或独立机关事先决定", "查看身份不须经法院或独立机关事先决定"),
    "no-bulk": Meant("一次请求只针对一条记录", "一次请求不限于一条记录"),
    "told": Meant("查看后即告知本人，或由批准者准许推迟，至多90天", "不告知本人，或推迟超过90天，或推迟不由批准者准许"),
    "retention": Meant("保存期限有数字，不超过合同终止次年年底", "没有写明保存期限，或期限过长"),
    "purpose": Meant("用途为封闭清单", "没有封闭的用途清单"),
    "apart": Meant("没有上网活动的信息项", "有上网活动的信息项", "没有列出信息项"),
    "rights": Meant("30天内给出有理由的答复", "没有这些权利，或没有写明30天内答复"),
    "report": Meant("至少每年公布一次数字", "不公布数字，或没有写明至少每年一次"),
    "review": Meant("规则在三年内到期或复审", "规则没有到期或复审的时间，或超过三年"),
    "realistic": Meant(
        "没有义务落在已有用户身上，或给他们的时间超过118天",
        "给已有用户的时间不超过118天",
        "没有给已有用户单独的时间",
    ),
    "misuse": Meant("持有者对滥用负责，并告知泄露", "持有者不对滥用负责，或不告知泄露"),
}
"""By the id of a check; a test holds it to the table of safeguards."""


def say_finding(finding: Finding, lang: str) -> str:
    """What a check came to, in `zh` or `en`. Raises KeyError for a check without words, which a test makes impossible."""
    if lang != "zh":
        return finding.seen
    meant = MEANT[finding.id]
    return {"passed": meant.passed, "failed": meant.failed, "not-stated": meant.not_stated}[finding.outcome]
