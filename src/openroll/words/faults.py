"""Every fault of an operator's file in two languages: what is wrong, and what to do.

A fault carries its remedy in English; Chinese is said from its code and parameters. `{names}` are the fault's column, its
parameters, and nothing else: a value is shown by the page, beside the sentence.
"""

from typing import NamedTuple

from openroll.sheet import COLUMNS, Fault
from openroll.sheet.rows import IN_CHINESE, MOST_CELL
from openroll.sheet.source import BOUNDS
from openroll.words.refusals import SENTENCES, say


class Said(NamedTuple):
    """A code's words: what is wrong in both languages, and what to do in Chinese (in English the fault says it itself)."""

    zh: str
    zh_remedy: str
    en: str


SHAPES = {
    "": "",
    "day-or-month": "这里分不清是日/月/年还是月/日/年。",
    "slashes": "这里的日期用了斜线或点。",
    "no-hyphens": "这里的日期没有连字符。",
    "day-number": "这里是电子表格的日期序号。",
    "chinese": "这里的日期用了汉字。",
    "no-such-day": "没有这一天，或月、日不足两位。",
}
"""What a date that is none looks like, by the fault's `shape`."""

BOUNDS_ZH = {
    "": "",
    "bytes": "文件的字节数",
    "rows": "行数",
    "columns": "列数",
    "cells": "单元格数",
    "nesting": "单元格里列表的层数",
    "groups": "行组数",
    "pages": "页数",
    "page": "一页解开后的字节数",
    "footer": "文件尾的字节数",
    "unpacked": "解开后的字节数",
}
"""What a file may have too much of, by the fault's `what`."""

_PACK = "请用 openroll pack 重新生成。"
_WHOLE = "请重新发送完整的文件。"

FAULTS: dict[str, Said] = {
    "account-shape": Said(
        "账号应为1至256个可见字符",
        "请照您的系统填写账号；它留在您这里，传送的只是由密钥算出的代号。",
        "the account number is not 1 to 256 characters that show",
    ),
    "act-not-new": Said(
        "核对用的清单里，每一行都应是新备案（new）",
        "请用 openroll pack 生成的完整清单来核对，不要用变更或终止的文件。",
        "a list to compare has new rows only",
    ),
    "act-unknown": Said("事项不在可选范围内", "请填写其中之一：{words}。", "not one of the acts"),
    "access-unknown": Said("接入方式不在可选范围内", "请填写其中之一：{words}。", "not one of the kinds of access"),
    "cell-too-long": Said(
        f"单元格超过{MOST_CELL:,}个字符",
        "请检查是否漏了引号，使许多单元格连成一个。",
        f"the cell has more than {MOST_CELL:,} characters",
    ),
    "character-hidden": Said(
        "单元格里有看不见的控制字符或方向字符",
        "请删除显示为<U+…>的字符：它们在表格里看不见，却会改变备案内容。",
        "the cell has control or direction characters, which do not show",
    ),
    "character-refused": Said(
        "有看不见的字符：{character}",
        "请删除它，或重新输入这一格：它会改变摘要，却没有人看得出原因。",
        "the cell has a character that does not show: {character}",
    ),
    "column-doubled": Said("“{column}”列出现了两次", "请删除其中一列。", "the column {column!r} stands twice"),
    "column-missing": Said("缺少“{column}”列", f"请补上这一列；{_PACK}", "the column {column!r} is missing"),
    "column-unknown": Said(
        "“{column}”不是备案文件的列",
        "请删除这一列，或改正列名。个人信息只以摘要形式传送，由 openroll pack 在您这一边生成。",
        "the column {column!r} has no place in this file",
    ),
    "date-range": Said(
        "日期不在{earliest}至{latest}之间",
        "请核对年份；尚未发生的事等发生后再报。",
        "the date is not between {earliest} and {latest}",
    ),
    "date-shape": Said(
        "不是“年-月-日”格式的日期",
        "{shape}请把这一列设为文本格式，日期写作2006-10-02的样子。",
        "not a date as YYYY-MM-DD",
    ),
    "digests-shape": Said(
        "应有{count}个互不相同的摘要，各43个字符，按顺序排列，以一个空格隔开",
        f"这一列{_PACK}",
        "not {count} different digests of 43 characters, sorted, with single spaces between",
    ),
    "district-unknown": Said("区县代码不在可选范围内", "请填写其中之一：{words}。", "not one of the district codes"),
    "encoding": Said(
        "从这一行起编码改变或数据损坏：整份文件应为同一种编码",
        "请另存为“CSV UTF-8”后重新发送。",
        "from this row on the file is in another encoding, or damaged",
    ),
    "encoding-unsure": Said(
        "文件不是UTF-8编码，无法确定是哪一种",
        "请另存为“CSV UTF-8”后重新发送；命令行可在看过样例后用 --encoding 指明编码。",
        "the list is not in UTF-8, and its encoding was not named rightly",
    ),
    "field-missing": Said(
        "缺少规则要求填写的“{column}”",
        "请填写这一格。内容留在您这里，传送的只是摘要。",
        "the field {column!r}, which the rule asks for, is missing",
    ),
    "file-cut-off": Said(
        "文件不完整，在中途断开", f"{_WHOLE}如果没有断开，请检查引号是否成对。", "the file is cut off"
    ),
    "file-empty": Said("文件是空的，或只有列名", "请发送有内容的清单。", "the file is empty, or a header only"),
    "file-kept": Said(
        "会覆盖正在读取的文件，或覆盖已有的披露文件",
        "请换一个输出文件名，或先把原来的披露文件移走：它可能是打开已备案摘要的唯一办法。",
        "a file that is read or kept would be written over",
    ),
    "file-over-bound": Said(
        "文件超出限度：{what}最多{most}",
        "请用 openroll pack 生成CSV（UTF-8）文件；清单太长时，请分成几份发送。",
        "the file has more than may be of this: {what} ({most} at most)",
    ),
    "file-too-heavy": Said(
        "在规定的时间和内存之内无法读完这个文件",
        "请用 openroll pack 生成CSV（UTF-8）文件；清单太长时，请分成几份发送。",
        "the file cannot be read in the time and memory that one may take",
    ),
    "file-unreadable": Said(
        "文件不存在，或无法读取、写入",
        "请核对文件名和权限；--again 要给出上一次打包生成、未经改动的披露文件。",
        "the file is not there, or cannot be read or written",
    ),
    "handle-duplicate": Said(
        "同一账号代号在文件中出现两次",
        "第{first}行有同样的账号代号。请只保留一行。",
        "the handle stands in row {first} too",
    ),
    "handle-filed": Said(
        "这个账号代号已经备案", "请改用事项 change 或 end，或删除这一行。", "the handle is filed already"
    ),
    "handle-check": Said(
        "账号代号的校验字符不对（不予显示）",
        "传抄时改动了某个字符。请重新打包，或重新复制账号代号。",
        "the check characters of the handle are wrong (not shown)",
    ),
    "handle-form": Said(
        "不是账号代号：应为 h1 加34个小写字母和数字（不予显示）",
        "请用 openroll pack --key 打包清单，由它用贵方的密钥从账号算出代号。账号、电话号码和身份证号绝不传送。",
        "not a handle: h1 and 34 small letters and digits (not shown)",
    ),
    "handle-key-missing": Said(
        "清单里是账号，算出账号代号需要贵方的密钥",
        "请用 --key 给出密钥文件；没有就先用 openroll handle new-key 生成一个。",
        "the list has account numbers, and there is no key to make handles of them",
    ),
    "handle-shape": Said(
        "没有记录会以此为账号代号备案（不予显示）",
        "请用当时备案文件里的账号代号；openroll pack --key 可从账号算出。",
        "not a handle that a record was filed under (not shown)",
    ),
    "handle-unknown": Said(
        "这个账号代号没有备案", "请改用事项 new，或检查账号代号是否有误。", "nothing is filed under the handle"
    ),
    "header-broken": Said(
        "第一行无法读作列名", "请在第一行写列名，列名里不要换行。", "the first row cannot be read as column names"
    ),
    "header-separator": Said(
        "第一行是只给Excel看的“sep=”行，不是列名",
        "请删除这一行；没有它也能识别分隔符。",
        "the first line is Excel's own, not the column names",
    ),
    "kind-unknown": Said("类别不在可选范围内", "请填写其中之一：{words}。", "not one of the kinds"),
    "line-too-long": Said("一行超过16 MB", "请检查是否漏了引号，或这是否真是一份清单。", "a line is longer than 16 MB"),
    "not-a-list": Said(
        "这不是清单，而是工作簿、压缩包、PDF或数据库等文件",
        "请在原来的程序里另存为“CSV UTF-8”再发送；压缩包请先解压。",
        "this is no list but a workbook, an archive, a PDF or a database",
    ),
    "not-empty": Said(
        "事项为“{act}”时，这一格应为空",
        "请清空这一格，或改正这一行的事项。",
        "the cell should be empty where the act is {act!r}",
    ),
    "not-text": Said("这里应是文本", "请写成带引号的字符串。", "the value is not text"),
    "number-rounded": Said(
        "号码已被电子表格改成近似值",
        "请把这一列设为文本格式，从您的系统里重新填写完整的号码。",
        "the spreadsheet has rounded the number",
    ),
    "row-broken": Said(
        "这一行无法读取",
        "NDJSON每行应是一个JSON对象；CSV的引号应成对。如果是最后一行，文件可能中途断开，请重新发送。",
        "the row cannot be read",
    ),
    "row-empty": Said("空行", "请删除这一行。", "the row is empty"),
    "row-ragged": Said(
        "这一行有{found}个单元格，列名有{expected}个",
        "请检查是否多了或少了分隔符，或引号没有成对。",
        "the row has {found} cells where the header has {expected}",
    ),
}
"""What every code of the sheet room, of taking and of reconciling a file means."""

_RECORD = "请按账号代号查对这条记录：登记册的内容与您的清单不同。"


def say_fault(fault: Fault, lang: str) -> tuple[str, str]:
    """What is wrong and what to do, in `zh` or `en`. Raises KeyError for a code without words, which a test makes impossible.

    A code of its own has its own words; where the roll refused the row, they are those of the refusal.
    """
    if fault.code not in FAULTS:
        sentence = say(fault.code, fault.params, lang)
        return (sentence, _RECORD) if lang == "zh" else (sentence, fault.remedy)
    said = FAULTS[fault.code]
    params = {**fault.params, "column": fault.column}
    if lang != "zh":
        return said.en.format(**params | {"what": BOUNDS.get(fault.params.get("what", ""), "")}), fault.remedy
    params["column"] = _TITLES.get(fault.column, fault.column)
    params["words"] = fault.params.get("words", "").replace(", ", "、").replace("、…", "等")
    params["what"] = BOUNDS_ZH[fault.params.get("what", "")]
    params["shape"] = SHAPES[fault.params.get("shape", "")]
    return said.zh.format(**params), said.zh_remedy.format(**params)


_TITLES = {column: title for title, column in IN_CHINESE.items() if column in COLUMNS}
OWN_AND_REFUSED = frozenset(FAULTS) & frozenset(SENTENCES)
"""Codes that the reading of a file and a refusal share; both have the same parameters."""
