"""DuckDB reads the Parquet download and finds what the API counts."""

import json
import os
import tempfile
import urllib.request

import duckdb

url = os.environ["PORTAL_URL"]
identifier = os.environ["DATASET_ID"]
rows = int(os.environ["DATASET_ROWS"])

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "download.parquet")
    urllib.request.urlretrieve(f"{url}/datasets/{identifier}/download.parquet", path)
    connection = duckdb.connect()
    (count,) = connection.execute("SELECT count(*) FROM read_parquet(?)", [path]).fetchone()
    columns = [row[0] for row in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()]

assert count == rows, count

with urllib.request.urlopen(f"{url}/api/v1/datasets/{identifier}") as answer:
    described = [column["name"] for column in json.load(answer)["columns"]]
assert [name for name in columns if not name.startswith(":")] == described, (columns, described)

print(f"{count} rows, {len(columns)} columns with DuckDB {duckdb.__version__}")
