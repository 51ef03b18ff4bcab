// What is said of a file that is published: why it cannot be read, what was found in it, what became of its rows.

export const publish = {
  'publish.kind.pdf': 'a PDF document',
  'publish.kind.zip': 'a ZIP archive',
  'publish.kind.zip-empty': 'an empty ZIP archive',
  'publish.kind.xls': 'an old Excel or Office document (.xls)',
  'publish.kind.png': 'a PNG picture',
  'publish.kind.jpeg': 'a JPEG picture',
  'publish.kind.gif': 'a GIF picture',
  'publish.kind.tiff': 'a TIFF picture',
  'publish.kind.webp': 'a WebP picture',
  'publish.kind.sqlite': 'an SQLite database or GeoPackage',
  'publish.kind.duckdb': 'a DuckDB database',
  'publish.kind.seven-zip': 'a 7-Zip archive',
  'publish.kind.rar': 'a RAR archive',
  'publish.kind.bzip2': 'a bzip2 archive',
  'publish.kind.xz': 'an xz archive',
  'publish.kind.zstandard': 'a Zstandard archive',
  'publish.kind.program': 'a program',
  'publish.kind.shapefile-part': 'a shapefile part (.shp or .shx)',
  'publish.kind.avro': 'an Avro file',
  'publish.kind.arrow': 'an Arrow file',
  'publish.kind.rtf': 'an RTF document',
  'publish.kind.xlsx': 'an Excel workbook (.xlsx)',
  'publish.kind.docx': 'a Word document (.docx)',
  'publish.kind.pptx': 'a PowerPoint document (.pptx)',
  'publish.kind.ods': 'an OpenDocument spreadsheet (.ods)',
  'publish.kind.shapefile-zipped': 'a zipped shapefile',
  'publish.file-empty': 'The file is empty: it holds 0 bytes.',
  'publish.kind.binary': 'a binary file',
  'publish.kind.html': 'a web page (HTML)',
  'publish.kind.xml': 'an XML document',
  'publish.kind.prj': 'a coordinate system description (.prj)',
  'publish.kind.dbf': 'a dBASE table (.dbf)',
  'publish.parquet-cut-off': 'The Parquet file has no end: it was cut off. Nothing was stored.',
  'publish.kind-promised':
    'The name says {ending}, but the file is {kind}. Export the table as CSV, JSON, GeoJSON or Parquet.',
  'publish.kind-not-read':
    'The file is {kind}. The portal reads CSV (also with tabs, semicolons or pipes), JSON, NDJSON, GeoJSON and Parquet.',
  'publish.opens-too-large': 'The compressed file opens to more than the {bytes} bytes accepted for its size.',
  'publish.gzip-cut-off': 'The gzip file ends too early; nothing was stored.',
  'publish.gzip-damaged': 'The gzip file is damaged and cannot be opened.',
  'publish.only-blanks': 'The file holds only blanks: no header and no rows.',
  'publish.file-shrank': 'The file became shorter while it was read.',
  'publish.record-too-long': 'The record at line {line} is longer than {bytes} bytes.',
  'publish.quotes-senseless': 'The quotes of the file cannot be made sense of; reading gave up at line {line}.',
  'publish.no-header': 'The file has no header; the columns are numbered.',
  'publish.no-such-header': 'The recipe names line {line} as the header, and the file has no such line.',
  'publish.title-as-wide':
    'The header was read from line {line}: what stands above it is as wide as the table, but does not name the columns. If that is wrong, say where the header is.',
  'publish.second-header':
    'Line {line} holds words where the lines below it hold numbers or dates; it was read as a row. If it is the header, or one of two, say where the header is.',
  'publish.header-repeated': {
    by: 'times',
    one: 'The header stands in the file once more, at line {line}; it is no row of data.',
    other: 'The header stands in the file # more times, first at line {line}; it is no row of data.',
  },
  'publish.marks-within': {
    by: 'marks',
    one: '# byte-order mark stood within the file, as joined files leave it; it was taken out of its value.',
    other: '# byte-order marks stood within the file, as joined files leave them; they were taken out of their values.',
  },
  'publish.row-too-wide': 'The row has {fields} fields; the table has {width} columns.',
  'publish.row-not-utf8': 'The row holds bytes that are not UTF-8, the encoding of the file.',
  'publish.row-not-in-encoding': 'The row holds bytes that are not {encoding}, the encoding of the file.',
  'publish.quote-never-closes': 'A quote opens in this row and never closes.',
  'publish.text-after-quote': 'Other text follows a closing quote; a quote may be missing or not doubled.',
  'publish.row-nul-byte': 'The row holds a NUL byte.',
  'publish.quotes-unusual': 'The row has quotes where CSV has none, or blanks around quotes; its values were kept.',
  'publish.column-new': '“{title}” is new: the revision before has no such column.',
  'publish.column-gone': '“{title}” is gone: the revision before had this column, the file has not.',
  'publish.type.number': 'number',
  'publish.type.text': 'text',
  'publish.type.integer': 'whole number',
  'publish.type.decimal': 'decimal number',
  'publish.type.boolean': 'yes or no',
  'publish.type.date': 'date',
  'publish.type.time': 'time of day',
  'publish.type.timestamp': 'date and time',
  'publish.type.instant': 'date and time with an offset',
  'publish.type.json': 'JSON value',
  'publish.type.geometry': 'geometry',
  'publish.type-changed': '“{title}” was {before} in the revision before and is {now} in this file.',
  'publish.type-widened': {
    by: 'misfits',
    one: '“{title}” was {before} in the revision before and is {now} in this file: # of its {given, number} values, in row {row}, is of another kind.',
    other:
      '“{title}” was {before} in the revision before and is {now} in this file: # of its {given, number} values, the first in row {row}, are of another kind.',
  },
  'publish.form-changed': '“{title}” was written {before} in the revision before and is written {now} in this file.',
  'publish.values-rewritten': {
    by: 'values',
    one: '# value of “{title}” is written in another way than it is published: {written} is {printed} here.',
    other: '# values of “{title}” are written in another way than they are published: {written} is {printed} here.',
  },
  'publish.numbers-kept-text': {
    by: 'values',
    one: '“{title}” stays text: as a number, # of its values would not come back as it is written, as {written}. If it is a measure, say so with the type of the column.',
    other:
      '“{title}” stays text: as numbers, # of its values would not come back as they are written, as {written}. If they are measures, say so with the type of the column.',
  },
  'publish.commas-unclear':
    '“{title}” stays text: {value} can be read as thousands or as a decimal fraction, and nothing in the file tells which. Say which with the decimal mark.',
  'publish.commas-thousands': 'The commas in “{title}” were read as standing between thousands.',
  'publish.commas-decimal': 'The commas in “{title}” were read as decimal commas.',
  'publish.too-many-changes': {
    by: 'changes',
    one: 'The file changes or leaves out # column of the revision before, and {most, number} may change without a decision. Nothing was published. Look at what it changes ({names}), and send it again with its changes accepted.',
    other:
      'The file changes or leaves out # columns of the revision before, and {most, number} may change without a decision. Nothing was published. Look at what it changes ({names}), and send it again with its changes accepted.',
  },
  'publish.too-many-quarantined': {
    by: 'rows',
    one: '# row of the file cannot be published, and {most, number} may be left out without a decision. Nothing was published. Mend the file, or send it again with its changes accepted.',
    other:
      '# rows of the file cannot be published, and {most, number} may be left out without a decision. Nothing was published. Mend the file, or send it again with its changes accepted.',
  },
  'publish.encoding-read': 'The file is not UTF-8; its bytes were read as {encoding}.',
  'publish.encoding-assumed':
    'The file is not UTF-8 and does not say what it is; {encoding} was assumed. If letters are wrong, state the encoding by saving the file as UTF-8, and publish it again.',
  'publish.encoding-unknown': 'The text encoding of the file could not be told. Save it as UTF-8 and send it again.',
  'publish.geometry-converted': 'The coordinates were converted from {crs} to longitude and latitude.',
  'publish.json-cut-off':
    'The JSON ends at line {line} before its “{close}” comes: the file was cut off, or a bracket or quote is missing.',
  'publish.json-unreadable.comma-last': 'a comma with nothing after it',
  'publish.json-unreadable.comma-first': 'a comma with nothing before it',
  'publish.json-value-too-long': 'The value that begins at line {line} is longer than {bytes} bytes.',
  'publish.json-unreadable': 'The JSON cannot be read: {what} at line {line} (byte {offset}).',
  'publish.json-more-text': 'After the end of the JSON value there is more text at line {line}.',
  'publish.topojson': 'The file is TopoJSON, which the portal does not read. Convert it to GeoJSON.',
  'publish.no-features': 'The GeoJSON FeatureCollection has no list of features.',
  'publish.geometries-with-properties':
    'The geometries of the file carry properties, which GeoJSON gives to features only; each was read as a feature.',
  'publish.several-tables': 'The JSON holds {count} tables: {names}. Publish each as a file of its own.',
  'publish.json-no-list': 'The JSON is neither a list nor an object.',
  'publish.member-without-name': 'The JSON object has a member without a name at line {line}.',
  'publish.json-no-value': 'The JSON cannot be read: “{text}” at line {line} is no value.',
  'publish.crs-unknown':
    'The file declares a coordinate system that is not known here: {crs}. Export it as WGS 84 longitude and latitude.',
  'publish.row-nul-character': 'A text in the row holds a NUL character.',
  'publish.row-no-feature': 'The value is not a GeoJSON feature.',
  'publish.headed-twice': 'Columns {first} and {second} are both headed “{header}”; the second is called {name}.',
  'publish.parquet-type': '“{title}” is {type} in the file; {reading}.',
  'publish.parquet-int96':
    '“{title}” is INT96 in the file, which counts nanoseconds; digits beyond the microsecond were dropped.',
  'publish.parquet-damaged': 'The Parquet file is damaged or of a kind that cannot be read.',
  'publish.parquet-geometry': 'The geometry of the Parquet file is not valid GeoParquet: {reason}.',
  'publish.parquet-type.json': 'it is published as JSON',
  'publish.parquet-type.base64': 'its bytes are published as base64 text',
  'publish.parquet-type.text': 'it is published as text',
  'publish.bytes-missing':
    '{announced} bytes were announced and {arrived} arrived; nothing was stored. Send the file again.',
  'publish.checksum-wrong':
    'The bytes that arrived are not those of the checksum sent with them; nothing was stored. Send the file again.',
  'publish.file-too-large': 'The file is larger than the {bytes} bytes that the portal accepts.',
  'publish.compressed-twice': 'The file is compressed twice.',
  'publish.too-many-columns': 'The table has {columns} columns; the portal accepts {limit}.',
  'publish.parquet-rows-wrong': 'The Parquet file names {named} rows and holds {held}.',
  'publish.value-of-other-type': '“{title}” holds “{value}”, which is no {type}.',
  'publish.lines-above-table': {
    by: 'lines',
    one: '# line above the table was read as a title, not as data.',
    other: '# lines above the table were read as a title, not as data.',
  },
  'publish.blank-lines-skipped': {
    by: 'lines',
    one: '# blank line between the rows was skipped.',
    other: '# blank lines between the rows were skipped.',
  },
  'publish.row-too-narrow': {
    by: 'fields',
    one: 'The row has # field; the table has {width} columns.',
    other: 'The row has # fields; the table has {width} columns.',
  },
  'publish.broken-characters': {
    by: 'characters',
    one: 'The file is UTF-8 except for # broken character.',
    other: 'The file is UTF-8 except for # broken characters.',
  },
  'publish.geometry-not-geojson': 'The geometry is not valid GeoJSON: “{value}”.',
  'publish.coordinates-not-degrees': 'The coordinates are not longitude and latitude: “{value}”.',
  'publish.geometries-outside': {
    by: 'geometries',
    one: '# geometry of the file, the first in row {row}, lies outside longitude ±180 and latitude ±90, and the file names no coordinate system. Export the file as WGS 84 longitude and latitude.',
    other:
      '# geometries of the file, the first in row {row}, lie outside longitude ±180 and latitude ±90, and the file names no coordinate system. Export the file as WGS 84 longitude and latitude.',
  },
  'publish.geometries-outside-converted': {
    by: 'geometries',
    one: '# geometry of the file, the first in row {row}, lies outside longitude ±180 and latitude ±90 after converting from {crs}. Export the file as WGS 84 longitude and latitude.',
    other:
      '# geometries of the file, the first in row {row}, lie outside longitude ±180 and latitude ±90 after converting from {crs}. Export the file as WGS 84 longitude and latitude.',
  },
  'publish.text-not-shapes': '“{title}” looks like {kind}, but most of it cannot be read as {kind}; it stays text.',
  'publish.text-not-degrees':
    '“{title}” looks like {kind}, but its coordinates are not longitude and latitude; it stays text.',
  'publish.text-partly-shapes': {
    by: 'values',
    one: '# value of “{title}” could not be read as {kind} in longitude and latitude; these rows have no geometry.',
    other: '# values of “{title}” could not be read as {kind} in longitude and latitude; these rows have no geometry.',
  },
  'publish.pair-exchanged':
    '{titles} are no longitude and latitude: they seem to be exchanged. No geometry was made of them.',
  'publish.pair-not-degrees':
    '{titles} are no longitude and latitude: their values are not degrees. No geometry was made of them.',
  'publish.rows-not-degrees': {
    by: 'rows',
    one: '# row of {given, number} has values in {titles} that are not degrees; these rows have no geometry.',
    other: '# rows of {given, number} have values in {titles} that are not degrees; these rows have no geometry.',
  },
  'publish.rows-at-zero': {
    by: 'rows',
    one: '# row has 0 in both {titles}, which stands for an unknown place; these rows have no geometry.',
    other: '# rows have 0 in both {titles}, which stands for an unknown place; these rows have no geometry.',
  },
  'publish.member-left-out':
    'The rows are the list “{table}”; beside it the file also holds {others}, which is not published.',
  'publish.members-left-out':
    'The rows are the list “{table}”; beside it the file also holds {others}, which are not published.',
  'publish.row-not-json': 'The value is not JSON: a comma, colon, bracket or quote is missing or one too many.',
  'publish.row-not-a-number': '“{word}” is not JSON, which has no such number; write null, or a text.',
  'publish.row-not-json-word':
    '“{word}” is not JSON: a text stands in double quotes, and the only words without are true, false and null.',
  'publish.row-single-quotes': 'The value is not JSON: texts and names stand in double quotes, not in single ones.',
  'publish.row-comma-last': 'The value is not JSON: a comma stands before a closing bracket.',
  'publish.row-quote-open': 'The value is not JSON: a text in quotes does not end.',
  'publish.row-number-not-json':
    '“{number}” is not a number as JSON has them: no zeros in front, no plus sign, digits on both sides of the point.',
  'publish.row-no-list': 'The row is no list of values, as the other rows are.',
  'publish.row-no-object': 'The row is no object, as the other rows are.',
  'publish.collections-in-list': 'The file is a list of GeoJSON collections. Publish each as a file of its own.',
  'publish.json-stat': 'The file is JSON-stat, which the portal does not read. Export the table as CSV.',
  'publish.sdmx-json': 'The file is SDMX-JSON, which the portal does not read. Export the table as CSV.',
  'publish.json-says-failed': 'The file is the answer of a service that says it failed; it holds no data.',
  'publish.json-description-only': 'The file describes a table and does not hold its rows. Export the table itself.',
  'publish.json-part':
    'The file says that it is one page of a longer answer. Its rows were read; export all of them into one file if they are wanted.',
  'publish.json-one-object':
    'The JSON is one object, and was read as one row: no list of rows was found in it. If its rows stand deeper, export them as a list.',
  'publish.json-lists-unnamed':
    'The rows of “{name}” are lists, and nothing in the file names their columns (line {line}). Export the table as CSV, or as a list of objects.',
  'publish.json-turned-too-large':
    'The file is written column by column and is too large to be turned into rows. Export the table as CSV, or as a list of objects.',
  'publish.json-turned-uneven':
    'The file is written column by column, and column “{name}” (line {line}) has not the same rows as the others.',
  'publish.member-twice': {
    by: 'rows',
    one: '“{name}” stands twice in # row, row {row}; the last value counts.',
    other: '“{name}” stands twice in # rows, first in row {row}; the last value counts.',
  },
  'publish.json-fewer': {
    by: 'rows',
    one: 'The file says that there are {announced, number} rows, and holds # of them.',
    other: 'The file says that there are {announced, number} rows, and holds # of them.',
  },
  'publish.system-columns': 'Columns of the system that wrote the file were left out: {names}.',
  'publish.mixed-numbers': '“{title}” stays text: {misfits, number} of its {given, number} values are not numbers.',
  'publish.mixed-plain-numbers':
    '“{title}” stays text: {misfits, number} of its {given, number} values are not plain numbers.',
  'publish.mixed-dates': '“{title}” stays text: {misfits, number} of its {given, number} values are not dates.',
  'publish.dates-month-first':
    'Every date in “{title}” can be read as month/day or day/month; they were read as month/day, as is usual here.',
  'publish.dates-left-text': 'Every date in “{title}” can be read as month/day or day/month; they were left as text.',
  'publish.blanks-around-numbers': {
    by: 'values',
    one: '# value of “{title}” had blanks around a number; the numbers are unchanged.',
    other: '# values of “{title}” had blanks around a number; the numbers are unchanged.',
  },
  'publish.blanks-for-nothing': {
    by: 'values',
    one: '# value of “{title}” is only blanks and stands for nothing given.',
    other: '# values of “{title}” are only blanks and stand for nothing given.',
  },
  'publish.marker-for-nothing': {
    by: 'values',
    one: '# value of “{title}” is “{marker}” and stands for nothing given.',
    other: '# values of “{title}” are “{marker}” and stand for nothing given.',
  },
  'publish.empty-columns': {
    by: 'columns',
    one: '# column without a header and without a value left out.',
    other: '# columns without a header and without a value left out.',
  },
  'publish.no-row-read': {
    by: 'rows',
    one: 'None of the # row of the file could be read: {finding}',
    other: 'None of the # rows of the file could be read: {finding}',
  },
  'publish.pair': '“{lon}” and “{lat}”',
  'publish.no-serving-file': 'The revision has no serving file yet.',
  'publish.file-changed': 'The file changed on the disk while it was being published; nothing was published.',
  'publish.draft-exists': 'There is a draft of this file already.',
  'publish.draft-of-nothing': 'This draft has no file, and there is no dataset of its id that it could describe.',
  'publish.draft-published': 'This draft is published already.',
  'publish.draft-discarded': 'This draft is discarded already.',
} as const;
