#!/bin/bash
# Makes the files in samples/ again, with programs of their own makers: Debian's
# libreoffice-writer, -calc and -impress, python3-uno, pandoc, chromium and git; and msoffcrypto-tool
# from the package index.
set -euo pipefail
cd "$(dirname "$0")/samples"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
office() { # <format[:filter]> <file>: convert by LibreOffice, into $work
    soffice "-env:UserInstallation=file://$work/profile" --headless --convert-to "$1" --outdir "$work" "$2" >/dev/null 2>&1
}

# pandoc
for format in docx odt pptx rtf html; do
    source=policy.md
    [ "$format" != pptx ] || source=slides.md
    pandoc --standalone --metadata title="Policy" "$source" -o "pandoc.$format"
done
pandoc -t gfm pandoc.docx -o pandoc.md

# LibreOffice Writer, from an OpenDocument file
pandoc policy.md -o "$work/writer.odt"
for format in docx "doc:MS Word 97" pdf rtf html; do
    office "$format" "$work/writer.odt"
    cp "$work/writer.${format%%:*}" .
done
office "odt" pandoc.docx
cp "$work/pandoc.odt" writer.odt

# LibreOffice Impress
pandoc slides.md -o "$work/impress.pptx"
office odp "$work/impress.pptx"
rm "$work/impress.pptx"
office pptx "$work/impress.odp"
cp "$work/impress.odp" "$work/impress.pptx" .

# LibreOffice Calc: two sheets; CSV by semicolons in Windows' encoding; TSV in UTF-16
cp budget.fods "$work/calc.fods"
for format in xlsx ods "xls:MS Excel 97"; do
    office "$format" "$work/calc.fods"
    cp "$work/calc.${format%%:*}" .
done
office "csv:Text - txt - csv (StarCalc):59,34,ANSI,1" "$work/calc.fods"
cp "$work/calc.csv" .
office "csv:Text - txt - csv (StarCalc):9,34,65535,1" "$work/calc.fods"
cp "$work/calc.csv" calc.tsv

# A browser's PDF
chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer \
    --user-data-dir="$work/chromium" --print-to-pdf=chromium.pdf pandoc.html >/dev/null 2>&1

# git's e-mail: MIME, with an attachment and encoded headers
git init --quiet "$work/repository"
cp policy.md "$work/repository/"
(
    cd "$work/repository"
    git add policy.md
    git -c user.name="Jörg Müller" -c user.email=joerg@example.com commit --quiet \
        --date="2026-03-02T10:00:00+01:00" -m "Grüße aus Zürich" \
        -m "Meals up to 45 EUR a day are paid back." 
    git format-patch --quiet --root --attach --to=anna@example.com --stdout -1 > "$work/git.eml"
)
cp "$work/git.eml" .

# Locked by a password
port=18732
soffice "-env:UserInstallation=file://$work/profile" --headless --norestore \
    "--accept=socket,host=127.0.0.1,port=$port;urp" >/dev/null 2>&1 &
server=$!
/usr/bin/python3 - "$port" <<'PYTHON'
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext(
    "com.sun.star.bridge.UnoUrlResolver", local
)
address = f"uno:socket,host=127.0.0.1,port={sys.argv[1]};urp;StarOffice.ComponentContext"
for _ in range(100):
    try:
        office = resolver.resolve(address)
        break
    except NoConnectException:
        time.sleep(0.1)
desktop = office.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", office)
source, target = (Path(name).resolve().as_uri() for name in ("writer.odt", "locked.odt"))
document = desktop.loadComponentFromURL(source, "_blank", 0, properties(Hidden=True))
document.storeToURL(target, properties(FilterName="writer8", Password="secret"))
document.close(True)
PYTHON
kill "$server"
wait "$server" 2>/dev/null || true
office 'pdf:writer_pdf_Export:{"EncryptFile":{"type":"boolean","value":"true"},"DocumentOpenPassword":{"type":"string","value":"secret"}}' writer.odt
cp "$work/writer.pdf" locked.pdf
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet msoffcrypto-tool==6.1.0
for name in writer.docx calc.xlsx; do
    "$work/venv/bin/msoffcrypto-tool" -e -p secret "$name" "locked.${name##*.}"
done
