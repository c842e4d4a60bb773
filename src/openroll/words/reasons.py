"""Why a receipt is not good, a sentence a rule, in both languages. The rules and their numbers are those of docs/proofs.md."""

REASONS: dict[str, tuple[str, str]] = {
    "K1": (
        "公钥的写法不对：应为“名称+八位十六进制数+base64”。",
        "A public key is not written as name+<8 hex digits>+<base64>.",
    ),
    "K2": ("公钥的种类或长度不对。", "A public key is of no known kind, or of the wrong length."),
    "K3": ("公钥与它的标识不符：有字符抄错了。", "A public key does not fit its id: a character was mistyped."),
    "K4": (
        "公钥不是正常生成的密钥：用这样的密钥，一个签名可以配上任何文字。",
        "A public key is none that was made properly: under such a key one signature can fit any text.",
    ),
    "K5": (
        "两把不同的公钥名称和标识相同，无法区分。",
        "Two different public keys have one name and id, and cannot be told apart.",
    ),
    "K6": ("没有给出日志的公钥，无法核验。", "No public key of a log was given, so nothing can be checked."),
    "P1": ("策略文件中有一行不符合格式。", "A line of the policy is not as its format has it."),
    "F0": (
        "这个文件被某个保存文本的程序改过（换行或编码）。内容没有被篡改，也不说明日志有错。请重新取一份，或修复它。",
        (
            "This file was changed by a program that saves text (its line ends or its encoding). What it says was not tampered "
            "with, and this says nothing against the log. Get the receipt anew, or repair it."
        ),
    ),
    "F1": ("文件太大：回执最多一百万字节。", "The file is too large: a receipt has at most a million bytes."),
    "F2": (
        "文件里没有把证明和检查点分开的空行：它不是回执，或被截断了。",
        "It has no empty line between proof and checkpoint: it is no receipt, or was cut off.",
    ),
    "F3": (
        "第一行不是“c2sp.org/tlog-proof@v1”，或证明里有非ASCII字符：它不是回执。",
        "Its first line is not c2sp.org/tlog-proof@v1, or its proof is not ASCII: it is no receipt.",
    ),
    "F4": (
        "缺少以“extra”开头的第二行，或其base64写法不对。",
        "The line that begins with “extra” is missing, or its base64 is not in its one form.",
    ),
    "F5": (
        "缺少以“index”开头的一行，或其中的数字写法不对。",
        "The line that begins with “index” is missing, or its number is not written as it must be.",
    ),
    "F6": (
        "证明中的某个哈希值不是32字节，或哈希值太多。",
        "A hash of the proof is not 32 bytes, or there are too many.",
    ),
    "F7": ("“extra”一行的内容不是规定写法的JSON。", "What the “extra” line holds is not JSON in its one form."),
    "F8": (
        "盐值不是恰好32字节：内容与盐的分界被挪动过，或文件已损坏。",
        "The salt is not exactly 32 bytes: the line between salt and content was moved, or the file is damaged.",
    ),
    "F9": ("域名标记的写法不对。", "The domain is not written as it must be."),
    "F10": (
        "条目的写法不对：种类、日期、承诺值或其后的换行有误。",
        "The entry is not in its one form: its kind, its day, its commitment or the line end behind it is wrong.",
    ),
    "F11": (
        "检查点不是带签名的文本：它被截断、编码有误，或含有控制字符。",
        "The checkpoint is no signed text: it was cut off, is not UTF-8, or holds control characters.",
    ),
    "F12": (
        "某一签名行的写法不对，或签名行太多。",
        "A signature line is not written as it must be, or there are too many.",
    ),
    "F13": (
        "检查点没有写明日志名称、条数和根哈希，或写法不对。",
        "The checkpoint does not say the log's name, its size and its root as it must.",
    ),
    "S1": ("它出自另一份日志。", "It is from another log."),
    "S2": ("它出自策略没有列出的日志。", "It is from a log that the policy does not list."),
    "S3": ("同一把密钥签了两行：其中一行是后加的。", "One key has two signature lines: one of them was put in."),
    "S4": (
        "有一个签名对不上：签名之后文本或签名被改动过。",
        "A signature does not fit: text or signature was altered after it was signed.",
    ),
    "S5": (
        "没有一把已知的密钥签过它：它出自另一份同名的日志，或用了别的密钥。",
        "No known key has signed it: it is from another log of the same name, or under other keys.",
    ),
    "S6": (
        "给出的密钥中有一把没有签它：签名行被去掉了，或日志换过密钥。",
        "A key that was given has not signed it: a line was taken away, or the log has changed its keys.",
    ),
    "S7": (
        "策略为这份日志列出的密钥都没有签它。",
        "None of the keys that the policy lists for this log has signed it.",
    ),
    "C1": (
        "回执里写的内容与日志中的承诺值对不上：内容被改动过。",
        "What the receipt says was logged is not what the log committed to: it was altered.",
    ),
    "I1": ("它自称的位置超出了日志的条数。", "The place it claims is beyond the size of the log."),
    "I2": (
        "证明到不了签名的根哈希：条目、位置或证明被改动过。",
        "The proof does not lead to the signed root: the entry, its place or the proof was altered.",
    ),
    "Q1": ("联署的见证者少于策略的要求。", "Fewer witnesses have cosigned than the policy asks for."),
    "pdf": ("这个PDF里没有附带回执。", "This PDF carries no receipt."),
}
"""The rule's number -> the sentence in Chinese and in English. `pdf` is the page's own, for a PDF without a receipt in it."""

ALTERED = frozenset({"S3", "S4", "C1", "I1", "I2"})
"""Rules that a file breaks only where somebody altered it, or the log did wrong: such a file is worth keeping."""


def reason(lang: str, rule: str) -> str:
    """The sentence for a rule that a receipt breaks; empty for what is none."""
    return REASONS.get(rule, ("", ""))[0 if lang == "zh" else 1]
