"""pandas.read_csv and read_json of the portal's addresses, as people write them in notebooks."""

import os

import pandas

url = os.environ["PORTAL_URL"]
code = os.environ["DATASET_CODE"]
identifier = os.environ["DATASET_ID"]
rows = int(os.environ["DATASET_ROWS"])

soda = pandas.read_csv(f"{url}/resource/{code}.csv?$limit={rows}")
assert len(soda) == rows, len(soda)

download = pandas.read_csv(f"{url}/datasets/{identifier}/download.csv")
assert len(download) == rows, len(download)

ndjson = pandas.read_json(f"{url}/datasets/{identifier}/download.ndjson", lines=True)
assert len(ndjson) == rows, len(ndjson)
assert list(soda.columns) == list(ndjson.columns), (list(soda.columns), list(ndjson.columns))

numeric = [name for name in soda.columns if soda[name].dtype.kind in "if" and ndjson[name].dtype.kind in "if"]
for name in numeric:
    pandas.testing.assert_series_equal(soda[name], ndjson[name], check_dtype=False, check_exact=False)

page = pandas.read_json(f"{url}/resource/{code}.json?$limit=20")
assert len(page) == 20, len(page)

print(f"{rows} rows alike from SODA, CSV and NDJSON; {len(numeric)} columns of numbers compared")
