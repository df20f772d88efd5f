# Loads the library of c-data.cpp and exchanges batches with pyarrow without a copy. 77: no pyarrow.
import ctypes
import json
import sys

try:
    import pyarrow as pa
except ImportError:
    sys.exit(77)

library = ctypes.CDLL(sys.argv[1])
library.weirExportSample.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
library.weirImportRows.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64]
library.weirImportRows.restype = ctypes.c_int64
library.weirExportStream.argtypes = [ctypes.c_void_p]
library.weirImportStream.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64]
library.weirImportStream.restype = ctypes.c_int64


def pair():
    # struct ArrowArray has ten words, struct ArrowSchema nine.
    array, schema = (ctypes.c_uint64 * 10)(), (ctypes.c_uint64 * 9)()
    return array, schema, ctypes.addressof(array), ctypes.addressof(schema)


def rows_of(batch):
    array, schema, array_at, schema_at = pair()
    batch._export_to_c(array_at, schema_at)
    text = ctypes.create_string_buffer(1 << 20)
    size = library.weirImportRows(array_at, schema_at, text, len(text))
    return [json.loads(line) for line in text.raw[:size].decode().splitlines()]


array, schema, array_at, schema_at = pair()
assert library.weirExportSample(array_at, schema_at) == 0
batch = pa.RecordBatch._import_from_c(array_at, schema_at)
batch.validate(full=True)
assert batch.num_rows == 25
assert batch.schema.metadata[b"weir.version"] == b"1.2.0"
for i in range(25):
    assert batch.column("id")[i].as_py() == i
    assert batch.column("ratio")[i].as_py() == (None if i % 5 == 0 else i / 2)
    assert batch.column("region")[i].as_py() == ["north", "east", "south", "west"][i % 4]
    assert batch.column("tags")[i].as_py() == [f"tag {t}" for t in range(i % 3)]
    assert batch.column("point")[i].as_py() == (None if i % 4 == 3 else {"x": i, "y": "y"})
    assert batch.column("at")[i].value == i * 1_000_000 + 1

rows = rows_of(batch.slice(3, 20))
assert len(rows) == 20 and rows[0]["id"] == 3 and rows[0]["point"] is None and rows[1]["whatever"] == 4, rows[0]
foreign = pa.RecordBatch.from_pydict(
    {
        "i": pa.array([1, None, 3], pa.int32()),
        "s": pa.array(["a", "bc", None], pa.large_string()),
        "d": pa.array(["x", "y", "x"]).dictionary_encode(),
        "l": pa.array([[1], [], [2, 3]], pa.list_(pa.int8())),
        "n": pa.nulls(3),
        "e": pa.array(["", "", ""]),
    }
)
assert rows_of(foreign) == [
    {"i": 1, "s": "a", "d": "x", "l": [1], "n": None, "e": ""},
    {"i": None, "s": "bc", "d": "y", "l": [], "n": None, "e": ""},
    {"i": 3, "s": None, "d": "x", "l": [2, 3], "n": None, "e": ""},
]
assert rows_of(foreign.slice(1, 1)) == [{"i": None, "s": "bc", "d": "y", "l": [], "n": None, "e": ""}]


def stream_rows(reader):
    # struct ArrowArrayStream has five words.
    stream = (ctypes.c_uint64 * 5)()
    reader._export_to_c(ctypes.addressof(stream))
    text = ctypes.create_string_buffer(1 << 20)
    size = library.weirImportStream(ctypes.addressof(stream), text, len(text))
    return text.raw[:size].decode().splitlines()


stream = (ctypes.c_uint64 * 5)()
assert library.weirExportStream(ctypes.addressof(stream)) == 0
table = pa.RecordBatchReader._import_from_c(ctypes.addressof(stream)).read_all()
table.validate(full=True)
assert table.num_rows == 40 and table.column("id").to_pylist() == list(range(40))
assert table.column("region").to_pylist() == [["north", "east", "south", "west"][i % 4] for i in range(40)]

# The dictionary changes from batch to batch.
dictionaries = [pa.array(texts).dictionary_encode() for texts in (["x", "y", "x"], ["z", None, "z"])]
batches = [pa.RecordBatch.from_arrays([d], ["d"]) for d in dictionaries]
rows = stream_rows(pa.RecordBatchReader.from_batches(batches[0].schema, batches))
assert [json.loads(row)["d"] for row in rows] == ["x", "y", "x", "z", None, "z"], rows


def failing():
    yield foreign
    raise ValueError("the source is gone")


rows = stream_rows(pa.RecordBatchReader.from_batches(foreign.schema, failing()))
assert len(rows) > 3 and "the source is gone" in rows[3], rows
