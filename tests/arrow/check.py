# Reads with pyarrow what interop.test.cpp wrote into the folder, and writes there what it shall read. 77: no pyarrow.
import datetime
import decimal
import json
import sys

try:
    import pyarrow as pa
except ImportError:
    sys.exit(77)

folder = sys.argv[1]
ROWS = 40


def check_sample(table, envelope=False, dictionary=False):
    table.validate(full=True)
    assert table.num_rows == ROWS, table.num_rows
    schema = table.schema
    assert schema.metadata[b"weir.version"] == b"1.2.0", schema.metadata
    assert schema.field("name").metadata[b"weir.sensitive"] == b"true"
    assert not schema.field("id").nullable and schema.field("big").nullable
    assert pa.types.is_dictionary(schema.field("region").type) == dictionary
    assert schema.field("at").type == pa.timestamp("us", "UTC")
    assert schema.field("exactly").type == pa.timestamp("ns", "UTC")
    assert schema.field("took").type == pa.duration("us")
    assert isinstance(schema.field("matrix").type, pa.FixedShapeTensorType), schema.field("matrix").type
    assert schema.field("whatever").metadata[b"ARROW:extension:name"] == b"weir.any"
    assert schema.field("file").metadata[b"ARROW:extension:name"] == b"weir.blob"
    columns = {name: table.column(name) for name in schema.names}
    for i in range(ROWS):
        assert columns["id"][i].as_py() == i
        assert columns["big"][i].as_py() == 2**63 + i
        assert columns["ratio"][i].as_py() == (None if i % 5 == 0 else i / 2)
        assert columns["flag"][i].as_py() == (i % 2 == 1)
        assert columns["name"][i].as_py() == f"name {i}"
        assert columns["region"][i].as_py() == ["north", "east", "south", "west"][i % 4]
        assert columns["raw"][i].as_py() == b"r%d" % i
        assert columns["at"][i].value == i * 1_000_000 + 1
        assert columns["exactly"][i].value == i
        assert columns["took"][i].value == -i * 1000
        assert columns["tags"][i].as_py() == [f"tag {t}" for t in range(i % 3)]
        assert columns["point"][i].as_py() == (None if i % 4 == 3 else {"x": i, "y": "y"})
        assert columns["nothing"][i].as_py() is None
    matrix = columns["matrix"].combine_chunks()
    matrix = matrix.chunk(0) if hasattr(matrix, "chunk") else matrix
    assert matrix.storage[7].as_py() == [7.0, 1.0, 2.0, 3.0]
    assert matrix.type.shape == [2, 2]
    if envelope:
        assert schema.names[-1] == "weir.envelope"
        row = table.column("weir.envelope")[30].as_py()
        assert row["origin"] == 1 and row["sequence"] == 130 and row["trace"] is None, row


def write(name, batches, **options):
    with pa.OSFile(f"{folder}/{name}", "wb") as sink:
        with pa.ipc.new_stream(sink, batches[0].schema, **options) as writer:
            for batch in batches:
                writer.write_batch(batch)


def write_foreign():
    pa_time = datetime.time(1, 2, 3)
    day = datetime.date(2024, 2, 29)
    columns = {
        "i8": (pa.int8(), [-5, None]),
        "u32": (pa.uint32(), [4_000_000_000, 1]),
        "f16": (pa.float16(), None),
        "f32": (pa.float32(), [0.25, None]),
        "large": (pa.large_string(), ["grüße", None]),
        "largeBinary": (pa.large_binary(), [b"abc", b""]),
        "fixed": (pa.binary(3), [b"xyz", None]),
        "date32": (pa.date32(), [day, None]),
        "date64": (pa.date64(), [day, None]),
        "time32": (pa.time32("s"), [pa_time, None]),
        "time64": (pa.time64("ns"), [5_000_000_001, None]),
        "seconds": (pa.timestamp("s"), [1, None]),
        "nanos": (pa.timestamp("ns"), [1, None]),
        "zoned": (pa.timestamp("us", "Europe/Berlin"), [1_500_000, None]),
        "millis": (pa.duration("ms"), [1500, None]),
        "decimal": (pa.decimal128(10, 2), [decimal.Decimal("-12.30"), None]),
        "wide": (pa.decimal128(38, 4), [decimal.Decimal("-123456789012345678901234.5678"), None]),
        "largeList": (pa.large_list(pa.int16()), [[1, None, 3], None]),
        "fixedList": (pa.list_(pa.int32(), 2), [[1, 2], None]),
        "vector": (pa.list_(pa.float64(), 2), [[0.5, 1.5], None]),
        "pairs": (pa.map_(pa.string(), pa.int64()), [[("a", 1), ("b", None)], None]),
        "codes": (pa.dictionary(pa.int8(), pa.string()), None),
        "numbers": (pa.dictionary(pa.uint16(), pa.int64()), None),
    }
    arrays, fields = [], []
    for name, (type_, values) in columns.items():
        if name == "f16":
            array = pa.array([1.5, None], pa.float32()).cast(pa.float16())
        elif name == "codes":
            array = pa.array(["p", None]).dictionary_encode().cast(type_)
        elif name == "numbers":
            array = pa.DictionaryArray.from_arrays(pa.array([1, None], pa.uint16()), pa.array([10, 20], pa.int64()))
        else:
            array = pa.array(values, type_)
        arrays.append(array)
        fields.append(pa.field(name, type_))
    batch = pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
    write("foreign.arrows", [batch])
    first = {
        "i8": -5, "u32": 4_000_000_000, "f16": 1.5, "f32": 0.25, "large": "grüße", "largeBinary": "YWJj", "fixed": "eHl6",
        "date32": "2024-02-29T00:00:00Z", "date64": "2024-02-29T00:00:00Z", "time32": "3723s", "time64": "5.000000001s",
        "seconds": "1970-01-01T00:00:01Z", "nanos": "1970-01-01T00:00:00.000000001Z",
        "zoned": "1970-01-01T00:00:01.500Z", "millis": "1.5s", "decimal": -12.3,
        "wide": "-123456789012345678901234.5678", "largeList": [1, None, 3], "fixedList": [1, 2], "vector": [0.5, 1.5],
        "pairs": [{"key": "a", "value": 1}, {"key": "b", "value": None}], "codes": "p", "numbers": 20,
    }  # fmt: skip
    second = {name: None for name in columns} | {"u32": 1, "largeBinary": ""}
    with open(f"{folder}/foreign.ndjson", "w", encoding="utf-8") as out:
        for row in (first, second):
            out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    plain = pa.RecordBatch.from_pydict({"s": ["abc" * 1000]})
    write("compressed.arrows", [plain], options=pa.ipc.IpcWriteOptions(compression="zstd"))
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])
    write("union.arrows", [pa.RecordBatch.from_arrays([union], names=["u"])])
    entries = [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]
    codes = [[0, 1, 0], [2, 1, 2], [3, 3]]
    parts = [
        pa.RecordBatch.from_arrays(
            [pa.DictionaryArray.from_arrays(pa.array(c, pa.int32()), pa.array(e))], names=["s"]
        )
        for c, e in zip(codes, entries)
    ]
    write("delta.arrows", parts, options=pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True))


check_sample(pa.ipc.open_stream(f"{folder}/sample.arrows").read_all(), dictionary=True)
check_sample(pa.ipc.open_stream(f"{folder}/envelope.arrows").read_all(), envelope=True, dictionary=True)
check_sample(pa.ipc.open_file(f"{folder}/sample.arrow").read_all())
write_foreign()
