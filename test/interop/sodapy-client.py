"""sodapy against the portal: rows, all rows, metadata, the list of datasets, other formats, errors."""

import os
from urllib.parse import urlparse

import requests
from sodapy import Socrata

url = os.environ["PORTAL_URL"]
code = os.environ["DATASET_CODE"]
identifier = os.environ["DATASET_ID"]
rows = int(os.environ["DATASET_ROWS"])

client = Socrata(
    urlparse(url).netloc, None, session_adapter={"prefix": "http://", "adapter": requests.adapters.HTTPAdapter()}
)

for name in (code, identifier):
    first = client.get(name, limit=5)
    assert len(first) == 5, first
    assert all(isinstance(row, dict) for row in first)

counted = client.get(code, select="count(*)")
assert counted == [{"count": str(rows)}], counted

everything = list(client.get_all(code, select=":id, *"))
assert len(everything) == rows, len(everything)
assert len({row[":id"] for row in everything}) == rows, "a row came twice"

metadata = client.get_metadata(code)
assert metadata["id"] == code and metadata["columns"], metadata
fields = [column["fieldName"] for column in metadata["columns"]]
assert set(everything[0]) - {":id"} <= set(fields)

known = client.datasets()
assert code in [found["resource"]["id"] for found in known], known

table = client.get(code, limit=3, content_type="csv")
assert table[0] == fields and len(table) == 4, table

places = client.get(code, limit=3, content_type="geojson")
assert places["type"] == "FeatureCollection" and len(places["features"]) == 3, places

ordered = client.get(code, select=fields[0], order=f"{fields[0]} DESC", limit=2, exclude_system_fields=False)
assert len(ordered) == 2, ordered

for broken in ({"where": "no_such_column = 1"}, {"where": "it's = 'wrong"}, {"limit": "many"}):
    try:
        client.get(code, **broken)
    except requests.exceptions.HTTPError as error:
        assert "400" in str(error), error
        assert len(str(error)) > 60, f"sodapy shows no message: {error}"
    else:
        raise AssertionError(f"{broken} was answered")

try:
    client.get("zzzz-zzzz")
except requests.exceptions.HTTPError as error:
    assert "404" in str(error), error
else:
    raise AssertionError("an unknown dataset was answered")

print(f"{rows} rows, {len(fields)} columns, {len(known)} datasets")
