"""A table of faces with copies and flags, by hand."""

import pandas as pd

# Row 1 is an exact copy of row 0, row 2 a near copy of both; rows 3 and 4 have none.
TABLE = pd.DataFrame(
    {
        "face_id": ["a:One", "a:two", "b:one", "b:four", "b:five"],
        "source": ["a", "a", "b", "b", "b"],
        "split": ["train", "test", "val", "train", "test"],
        "expression": ["neutral", "happy", "angry", "happy", "sad"],
        "original_expression": ["neutral", "happy", "sad", "angry", "sad"],
        "label_from": ["a", "a", "votes", "person:ann", "b"],
        "sha256": ["x", "x", "y", "z", "w"],
        "copy_group": [7, 7, 7, 2, 5],
        "copy_in_train": [False, True, False, False, False],
        "near_copy_in_train": [False, True, True, False, False],
        "flags": ["", "dark", "dark,blurred", "", "very-dark"],
    }
)
