"""Translates messages from the options of the command line to the boxes of the pages.

Messages of `fer_core` are shown by both. They are written for the command line; a page shows the result of
`in_form_words`. A complete command, such as `fer evaluate RUN`, is kept if no page does the same.
"""

import re

BOXES_BOX = "The four numbers of a box are"
ORDER_BOX, CROSS_VALIDATE_BOX, RATE_BUTTON = "Order of the numbers", "Cross-validate", "Find a learning rate"

_WAYS = (  # what the command line reads -> what a page reads, in the order of replacing
    (
        r"with --meaning numbers=[^\s,.]+( \(one of [^)]*\))?( or (--meaning )?\S+=EXPRESSION( for each| and so on)?)?",
        f"under “{ORDER_BOX}”",
    ),
    (r"say what it means with --meaning .+?=EXPRESSION, or =leave-out", "say what it means in the box with its name"),
    (r"Say which with --meaning boxes=[^\s.]+", f"Say which under “{BOXES_BOX}”"),
    (r" with --skip-bad \(on the page: Skip bad rows\)", " by selecting “Skip bad rows”"),
    (r" \(--split 80:10:10\)", ""),
    (r"--split 80:10:10", "the split 80:10:10"),
    (r"Inspect them with fer data inspect PATH", "The page shows above what each source contains"),
    (r"Make it with fer data assemble .+? --source PATH", "Make it on the Data page"),
    (r"Assemble it again: fer data again \S+?(?=\.?$|\. )", "Assemble it again on the Data page, under Labels"),
    (r"See fer data corrections \S+ for those in effect", "See the Review page for those in effect"),
    (r"Wait for it: fer kfold show \S+", "Wait for it: the Runs page shows its progress"),
    (r"Score the run on it with fer evaluate \S+ --save", "Score the run on it on the Errors page"),
    (r"fer lr-range finds one", f"“{RATE_BUTTON}” finds one"),
    (r"See fer runs show \S+?(?=\.?$|\. )", "The Errors page shows them"),
    (r" Or name another data set with --check-on\.", " Or export without ONNX."),
    (r"Give a data set with faces of that size: --check-on \w+", "Export without ONNX"),
    (r"--onnx checks the file", "The ONNX file is checked"),
    (r"Export without --onnx", "Export without ONNX"),
    (r"Finish it first with fer resume \S+?(?=\.?$|\. )", "Finish it first with Resume on the Train page"),
    (r"\((--(?:from|to)[^)]*)\)", r"on the command line (`fer lr-range \1`)"),
    (r"See fer runs list", "See the Runs page"),
    (r"start them again with fer kfold resume \S+?(?=\.?$|\. )", "resume them on the Runs page"),
    (r"or a cross-validation \(fer kfold list\)", "or a cross-validation from the Runs page"),
    (r"a cross-validation \(fer kfold\)", f"a cross-validation (“{CROSS_VALIDATE_BOX}”)"),
    (r"See fer search list", "See the Search page"),
    (r"--model resnet18 likewise", "with the model resnet18 likewise"),
    (r"as set with --meaning", "as set in the form"),
    (r"--meaning \(", "the form ("),
)


def in_form_words(sentence: str) -> str:
    """The sentence in the words of the pages."""
    for pattern, words in _WAYS:
        sentence = re.sub(pattern, words, sentence)
    return sentence
