"""Makes the files of testdata with other programs: pip install pyarrow duckdb."""
import datetime, decimal, sys, pathlib
import pyarrow as pa, pyarrow.parquet as pq, duckdb
out = pathlib.Path(sys.argv[1])
n = 160
names = ["Nguyễn Văn An", "Trần Thị Bình", None, "", 'Lê, "Hoà"\nĐỗ', "Phạm Quốc Đạt"]
day = datetime.date(1985, 3, 4)
table = pa.table({
    "name": pa.array([names[i % 6] for i in range(n)], pa.string()),
    "number": pa.array([f"0010850{i:05d}" if i % 7 else None for i in range(n)], pa.string()),
    "small": pa.array([None if i % 5 == 0 else i - 50 for i in range(n)], pa.int32()),
    "large": pa.array([i * 10**12 - 5 for i in range(n)], pa.int64()),
    "unsigned": pa.array([2**64 - 1 - i for i in range(n)], pa.uint64()),
    "real": pa.array([None if i % 11 == 3 else 112345678900.0 + i for i in range(n)], pa.float64()),
    "single": pa.array([i + .5 for i in range(n)], pa.float32()),
    "yes": pa.array([None if i % 9 == 0 else i % 2 == 0 for i in range(n)], pa.bool_()),
    "day": pa.array([None if i % 4 == 0 else day + datetime.timedelta(days=i - 7000) for i in range(n)], pa.date32()),
    "moment": pa.array([datetime.datetime(1960, 1, 1) + datetime.timedelta(hours=i * 12, microseconds=(i % 2) * 5) for i in range(n)], pa.timestamp("us")),
    "price": pa.array([decimal.Decimal(i - 100) / 100 for i in range(n)], pa.decimal128(9, 2)),
    "none": pa.array([None] * n, pa.string()),
})
for codec in ("none", "snappy", "gzip", "brotli", "zstd"):
    pq.write_table(table, out / f"arrow-{codec}.parquet", compression=codec, row_group_size=60, data_page_size=400)
pq.write_table(table, out / "arrow-plain.parquet", use_dictionary=False, compression="snappy")
pq.write_table(table, out / "arrow-v2.parquet", data_page_version="2.0", version="2.6", compression="zstd", row_group_size=90)
pq.write_table(table, out / "arrow-old.parquet", version="1.0", use_deprecated_int96_timestamps=True, coerce_timestamps=None)
con = duckdb.connect()
con.register("t", table)
con.execute(f"copy t to '{out}/duckdb.parquet' (format parquet)")
con.execute(f"copy t to '{out}/duckdb-v2.parquet' (format parquet, parquet_version v2)")
pq.write_table(pa.table({"list": [[1], [2, 3]]}), out / "list.parquet")
pq.write_table(pa.table({"deep": [{"a": 1}, {"a": 2}]}), out / "struct.parquet")
pq.write_table(pa.table({"lz4": ["x"]}), out / "lz4.parquet", compression="lz4")
plain = {c: "PLAIN" for c in table.column_names}
pq.write_table(table, out / "arrow-delta.parquet", use_dictionary=False, version="2.6", data_page_size=3000, column_encoding=plain | {
    "name": "DELTA_BYTE_ARRAY", "number": "DELTA_BYTE_ARRAY", "none": "DELTA_LENGTH_BYTE_ARRAY", "small": "DELTA_BINARY_PACKED",
    "large": "DELTA_BINARY_PACKED", "unsigned": "DELTA_BINARY_PACKED", "day": "DELTA_BINARY_PACKED", "moment": "DELTA_BINARY_PACKED"})
pq.write_table(table, out / "arrow-lengths.parquet", use_dictionary=False, version="2.6", column_encoding=plain | {
    "name": "DELTA_LENGTH_BYTE_ARRAY", "number": "DELTA_LENGTH_BYTE_ARRAY"})
pq.write_table(table.slice(0, 0), out / "empty.parquet")
con.execute(f"copy (select name, number, small, large, cast(unsigned as varchar) unsigned, cast(cast(real as decimal(20,0)) as varchar) as real, cast(single as varchar) as single, yes, day, "
            f"moment, price, none from t) to '{out}/want.csv' (header, force_quote (name), nullstr '∅')")
