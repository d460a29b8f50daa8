"""Files with data of one's own: .npz and .csv; what is no such file is one sentence."""

import io
import pickle
import re
import zipfile

import numpy as np
import pytest

from sims.core import data_file, own_data

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((6, 2)), np.array([0.0, 1, 0, 1, 0, 1])


def archived(**arrays):
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def tabled(*, heads="", at=2):
    rows = np.insert(X, at, Y, axis=1)
    lines = [",".join(map(repr, row.tolist())) for row in rows]
    return ("\n".join([*([heads] * bool(heads)), *lines]) + "\n").encode()


TABLES = {
    "y last": tabled(),
    "with heads": tabled(heads="length,width,kind"),
    "y by its head": tabled(heads='"length", Y ,width', at=1),
    "of a spreadsheet": b"\xef\xbb\xbf" + tabled(heads="a,b,c").replace(b"\n", b"\r\n"),
    "with empty lines": tabled() + b"\n,,\n",
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_holds_the_same_data_as_an_archive(table):
    found = data_file.parsed("mine.csv", TABLES[table])
    assert found is data_file.parsed("mine.NPZ", archived(X=X, y=Y))
    assert found is own_data.keep(X, Y)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def unpacking_to(megabytes):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("X.npy", bytes(megabytes * 10**6))
    return content.getvalue()


BAD = {
    "no such ending": ("mine.xlsx", b"PK", "mine.xlsx is no file of data: give a name ending in"),
    "empty": ("mine.csv", b"", "mine.csv is empty"),
    "only lines": ("mine.csv", b"\n\n , \n", "mine.csv is empty"),
    "only heads": ("mine.csv", b"a,b,y\n", "has heads and no row beneath them"),
    "one column": ("mine.csv", b"1\n2\n3\n4\n", "has one column: give features and y"),
    "ragged": ("mine.csv", b"1,2,0\n1,2\n", "has 2 cells in row 2 and 3 in the first"),
    "text": ("mine.csv", b"a,b,y\n1,red,0\n", "is 'red' in row 2, column 2: give numbers alone."),
    "a hole": ("mine.csv", b"1,2,0\n1,,1\n", "is empty in row 2, column 2"),
    "NaN": ("mine.csv", b"1,2,0\n2,nan,1\n3,1,0\n4,1,1\n", "X is missing (NaN) in row 2, column 2"),
    "bytes": ("mine.csv", bytes(range(256)), "is no text with commas"),
    "a bare quote": ("mine.csv", b'"a,b\n1,2', "is no text with commas"),
    "too large": ("mine.csv", b"1,2\n" * 6_000_000, "mine.csv has 24 MB: give at most 20 MB"),
    "no archive": ("mine.npz", b"1,2,3", "is no archive that numpy.savez has written"),
    "a bare pickle": ("mine.npz", pickle.dumps(Bomb()), "is no archive that numpy.savez"),
    "other names": ("mine.npz", archived(data=X, target=Y), "the arrays data, target: name them X"),
    "pickles": (
        "mine.npz", archived(X=np.array([[Bomb()]] * 4), y=Y), "Python objects or is damaged",
    ),
    "packed tightly": ("mine.npz", unpacking_to(90), "unpacks to 90 MB: give at most 80 MB"),
    "cut off": ("mine.npz", archived(X=X, y=Y)[:-40], "is no archive that numpy.savez"),
    "complex": ("mine.npz", archived(X=X * 1j, y=Y), "X holds values of type complex128"),
    "wrong shapes": ("mine.npz", archived(X=X, y=Y[:3]), "X has 6 rows and y 3 entries"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_file_of_data_is_one_sentence(bad, tmp_path):
    name, content, said = BAD[bad]
    (tmp_path / name).write_bytes(content)
    for refused in (
        lambda: data_file.parsed(name, content),
        lambda: data_file.read(tmp_path / name),
    ):
        with pytest.raises(ValueError, match=re.escape(said)) as error:
            refused()
        assert str(error.value).startswith("mine.")
        assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ValueError, match=r"There is no file .*mine.csv\."):
        data_file.read(tmp_path / "mine.csv")
