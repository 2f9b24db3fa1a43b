"""Tables from a user's file, CSV or Parquet, with an error a user can act on for every way a file can be broken."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from sentia_ops.errors import SentiaError

PARQUET_MAGIC = b"PAR1"
ZIP_MAGIC = b"PK\x03\x04"  # .xlsx, .ods, .zip
CSV_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
NOTHING_CHANGED = "Nothing was written."


@dataclass
class Table:
	"""A file's rows. A CSV's values are text as in the file (empty: NaN); a Parquet file's have its own types."""

	rows: pd.DataFrame
	typed: bool
	notes: list[str] = field(default_factory=list)


def read_table(path: Path) -> Table:
	"""Rows of a CSV or Parquet file.

	Raises:
	    SentiaError: not there, empty, cut off, not what its extension says, or not a table.
	"""
	if not path.exists():
		raise SentiaError(f"{path} does not exist.", "Check the path.")
	if path.is_dir():
		raise SentiaError(f"{path} is a folder, not a file.", "Name the CSV or Parquet file in it.")
	suffix = path.suffix.lower()
	if suffix not in CSV_SUFFIXES + PARQUET_SUFFIXES:
		raise SentiaError(
			f"{path.name}: files ending in {suffix or '(nothing)'} cannot be read.",
			"Save it as CSV (.csv) or Parquet (.parquet).",
		)
	try:
		with path.open("rb") as file:
			head = file.read(1 << 16)
	except OSError as error:
		raise SentiaError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
	if not head.strip():
		raise SentiaError(f"{path.name} is empty.", f"Export it again. {NOTHING_CHANGED}")
	table = _read_parquet(path, head) if suffix in PARQUET_SUFFIXES else _read_csv(path, head)
	if table.rows.empty:
		raise SentiaError(
			f"{path.name} has column headings but no rows.", f"Export it again. {NOTHING_CHANGED}"
		)
	return table


def _read_parquet(path: Path, head: bytes) -> Table:
	if not head.startswith(PARQUET_MAGIC):
		raise SentiaError(
			f"{path.name} is not a Parquet file, whatever its name says.",
			f"If it is text, give it the ending .csv. {NOTHING_CHANGED}",
		)
	import pyarrow.parquet as pq

	try:
		return Table(pq.read_table(path).to_pandas(), typed=True)
	except (
		Exception
	) as error:  # pyarrow raises ArrowInvalid, OSError or EOFError, depending on where it breaks
		raise SentiaError(
			f"{path.name} is a damaged Parquet file: cut off or overwritten.",
			f"Copy or export it again. {NOTHING_CHANGED}",
		) from error


def _read_csv(path: Path, head: bytes) -> Table:
	for magic, kind in ((PARQUET_MAGIC, "a Parquet file"), (ZIP_MAGIC, "a spreadsheet or zip file")):
		if head.startswith(magic):
			raise SentiaError(
				f"{path.name} is {kind}, not text.",
				f"Give it its true ending or save it as CSV. {NOTHING_CHANGED}",
			)
	if b"\0" in head:
		raise SentiaError(
			f"{path.name} is not a text file.", f"Save it as CSV in UTF-8 encoding. {NOTHING_CHANGED}"
		)
	encoding, notes = _encoding(path)
	delimiter = _delimiter(path, encoding)
	_refuse_cut_off(path, encoding, delimiter)
	try:
		rows = pd.read_csv(
			path,
			sep=delimiter,
			encoding=encoding,
			dtype=str,
			keep_default_na=False,
			na_values=[""],
			index_col=False,
		)
	except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, csv.Error) as error:
		raise SentiaError(
			f"{path.name} is not a regular table: {_first_line(error)}",
			f"Correct that line. {NOTHING_CHANGED}",
		) from error
	rows.columns = [str(name).strip() for name in rows.columns]
	return Table(rows, typed=False, notes=notes)


def _first_line(error: Exception) -> str:
	return str(error).replace("Error tokenizing data. C error:", "").strip().splitlines()[0].rstrip(".") + "."


def _encoding(path: Path) -> tuple[str, list[str]]:
	"""UTF-8 where the whole file is valid UTF-8, else Windows-1252, which is what Excel writes in the West."""
	try:
		with path.open(encoding="utf-8-sig") as file:
			while file.read(1 << 20):
				pass
		return "utf-8-sig", []
	except UnicodeDecodeError as error:
		with path.open("rb") as file:
			line = file.read(error.start).count(b"\n") + 1 if error.start < (1 << 20) else None
	where = f" (first at line {line})" if line else ""
	return "cp1252", [
		f"{path.name} is not valid UTF-8{where}; it was read as Windows-1252. Check names with accents."
	]


def _delimiter(path: Path, encoding: str) -> str:
	with path.open(encoding=encoding, errors="replace") as file:
		heading = file.readline()
	return max(",;\t|", key=heading.count)


def _refuse_cut_off(path: Path, encoding: str, delimiter: str) -> None:
	"""A last line without its line end and with fewer fields than the heading: the export or copy broke off."""
	with path.open("rb") as file:
		heading = file.readline()
		file.seek(max(len(heading), path.stat().st_size - (1 << 16)))
		tail = file.read()
	if not tail or tail.endswith((b"\n", b"\r")):
		return
	last = tail.splitlines()[-1].decode(encoding, errors="replace")
	wanted = len(next(csv.reader([heading.decode(encoding, errors="replace")], delimiter=delimiter)))
	found = len(next(csv.reader([last], delimiter=delimiter)))
	if found < wanted:
		raise SentiaError(
			f"{path.name} is cut off: its last line has {found} of {wanted} fields.",
			f"Export or copy it again; or delete that line if the rest is all there is. {NOTHING_CHANGED}",
		)


def write_atomically(path: Path, text: str) -> Path:
	"""Write the whole file or nothing: a reader never sees half of it.

	Raises:
	    SentiaError: no permission, no room.
	"""
	with _replacing(path) as part:
		part.write_text(text, encoding="utf-8", newline="")
	return path


def refuse_unwritable(path: Path) -> None:
	"""Before long work: what would keep `write_table` from writing there.

	Raises:
	    SentiaError: an ending that is neither CSV nor Parquet, a folder, or a place that cannot be written.
	"""
	if path.suffix.lower() not in CSV_SUFFIXES + PARQUET_SUFFIXES:
		raise SentiaError(
			f"{path.name}: files ending in {path.suffix or '(nothing)'} cannot be written.",
			"Let it end in .csv or .parquet.",
		)
	if path.is_dir():
		raise SentiaError(f"{path} is a folder, not a file.", "Name a file in it.")
	parent = next(folder for folder in path.absolute().parents if folder.exists())
	if not parent.is_dir() or not os.access(parent, os.W_OK):
		raise SentiaError(f"{path} cannot be written: no permission.", "Choose another place.")


def write_table(path: Path, rows: pd.DataFrame) -> Path:
	"""Rows as CSV or Parquet, by the ending of `path`; the whole file or nothing.

	Raises:
	    SentiaError: no permission, no room.
	"""
	with _replacing(path) as part:
		if path.suffix.lower() in PARQUET_SUFFIXES:
			rows.to_parquet(part, index=False)
		else:
			rows.to_csv(part, index=False, sep="\t" if path.suffix.lower() == ".tsv" else ",")
	return path


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
	"""A file beside `path` to be written, which then takes its place."""
	try:
		path.parent.mkdir(parents=True, exist_ok=True)
		handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
		os.close(handle)
		part = Path(name)
		try:
			yield part
			part.chmod(0o644)
			os.replace(part, path)
		except BaseException:
			part.unlink(missing_ok=True)
			raise
	except OSError as error:
		raise SentiaError(
			f"{path} cannot be written: {error.strerror}.", "Free some room or choose another place."
		) from error
