"""Reports as the world sends them: report_inputs.py FOLDER

Writes files into FOLDER and prints a line for each: its name, how many reports, records and messages they come to, and
what a reason must say ("-": nothing is rejected)."""
import base64
import binascii
import gzip
import io
import json
import os
import quopri
import sys
import tarfile
import zipfile
import zlib

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
serial = 0


def put(name, data, reports=1, messages=7, reason="-"):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    print(name, reports, messages, reason)


def xml(root="feedback", declaration='<?xml version="1.0" encoding="UTF-8"?>\n', org="Receiver"):
    global serial
    serial += 1
    return (
        "%s<%s><report_metadata><org_name>%s</org_name><email>d@receiver.example</email><report_id>%d</report_id><date_range>"
        "<begin>1795132800</begin><end>1795219199</end></date_range></report_metadata><policy_published><domain>example.com"
        "</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>7</count>"
        "<policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>"
        "<identifiers><header_from>example.com</header_from></identifiers></record></%s>\n"
        % (declaration, root, org, serial, root)
    )


def tls():
    global serial
    serial += 1
    return json.dumps({
        "organization-name": "Receiver", "report-id": str(serial), "contact-info": None,
        "date-range": {"start-datetime": "2026-11-20T00:00:00Z", "end-datetime": "2026-11-20T23:59:59Z"},
        "policies": [{"policy": {"policy-type": "sts", "policy-domain": "example.com"},
                      "summary": {"total-successful-session-count": 5, "total-failure-session-count": 2}}]})


def gz(s=None):
    s = xml() if s is None else s
    return gzip.compress(s if isinstance(s, bytes) else s.encode(), mtime=0)


def zipped(*files, kind=zipfile.ZIP_DEFLATED):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", kind) as z:
        for name, data in files:
            z.writestr(name, data)
    return b.getvalue()


def tarred(*files, mode="w"):
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode=mode) as t:
        for name, data in files:
            data = data if isinstance(data, bytes) else data.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return b.getvalue()


def b64(data):
    return base64.encodebytes(data if isinstance(data, bytes) else data.encode())


def uu(data):
    lines = [binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45)]
    return b"begin 644 r.xml.gz\n" + b"".join(lines) + b"`\nend\n"


def yenc(data):
    out = line = b""
    for c in data:
        c = (c + 42) & 255
        line += bytes([61, (c + 64) & 255]) if c in (0, 10, 13, 61) else bytes([c])
        if len(line) >= 128:
            out, line = out + line + b"\r\n", b""
    return b"=ybegin line=128 size=%d name=r.xml.gz\r\n" % len(data) + out + line + b"\r\n=yend size=%d\r\n" % len(data)


def der(tag, body):
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x84]) + n.to_bytes(4, "big")
    return bytes([tag]) + length + body


OID = bytes.fromhex("06092a864886f70d0107")


def signed(content, pieces=False):
    if pieces:  # indefinite lengths, octets in pieces
        octets = b"".join(der(4, content[i : i + 300]) for i in range(0, len(content), 300))
        inside = b"\x30\x80" + OID + b"\1" + b"\xa0\x80\x24\x80" + octets + b"\0\0\0\0\0\0"
        return b"\x30\x80" + OID + b"\2" + b"\xa0\x80\x30\x80\2\1\1\x31\0" + inside + b"\x31\0" + b"\0" * 6
    inside = der(0x30, OID + b"\1" + der(0xA0, der(4, content)))
    return der(0x30, OID + b"\2" + der(0xA0, der(0x30, b"\2\1\1\x31\0" + inside + b"\x31\0")))


HEAD = ("From: dmarc@receiver.example\nTo: rua@example.com\nSubject: %s\nMessage-ID: <%d@receiver.example>\n"
        "Date: Sat, 21 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n")
ANNOUNCED = "Report Domain: example.com Submitter: receiver.example Report-ID: <1>"
NAME = "receiver.example!example.com!1795132800!1795219199.xml.gz"


def mail(*parts, subject=ANNOUNCED, kind="multipart/mixed"):
    global serial
    serial += 1
    out = (HEAD % (subject, serial)).encode() + b'Content-Type: %s; boundary="=_%d"\n\n' % (kind.encode(), serial)
    for head, body in parts:
        out += b"--=_%d\n%s\n\n" % (serial, head.encode()) + (body if isinstance(body, bytes) else body.encode()) + b"\n"
    return out + b"--=_%d--\n" % serial


def part(data, name=NAME, kind="application/gzip", encoding="base64", encode=b64):
    encoding = "\nContent-Transfer-Encoding: " + encoding if encoding else ""
    return ('Content-Type: %s; name="%s"\nContent-Disposition: attachment; filename="%s"%s' % (kind, name, name, encoding), encode(data))


TEXT = ("Content-Type: text/plain", "see there\n")
RFC822 = "Content-Type: message/rfc822"


def report_mail():
    return mail(TEXT, part(gz()))


def as_is(data):
    return data


# several reports in one document
bare = xml(declaration="")
put("below-one-root.xml", "<reports>" + bare + xml(declaration="") + "</reports>", 2, 14)
put("one-after-the-other.xml", xml() + xml() + xml(), 3, 21)
put("first-not-closed.xml", xml().replace("</feedback>", "") + xml(), 2, 14, "the report is cut short")
put("other-root.xml", xml(root="aggregate"))
put("declaration.xml", xml(declaration='<?xml version="1.0">'))
# charsets
put("utf16le.json", tls().encode("utf-16-le"))
put("utf16be.json", tls().encode("utf-16-be"))
put("utf16le.xml", xml().encode("utf-16-le"))
put("utf16.eml", mail(TEXT, part(tls().encode("utf-16-le"), "r!example.com!1!2.json", "application/tlsrpt+json")))
# containers
put("gz-in-zip.zip", zipped(("a.xml.gz", gz())))
put("zip-in-zip.zip", zipped(("a.zip", zipped(("b.xml", xml())))))
put("zip-named.xml.gz", zipped(("a.xml", xml())))
put("xml-named.zip", xml())
put("zlib.xml.gz", zlib.compress(xml().encode()))
put("spanned.zip", b"PK00" + zipped(("a.xml", xml())))
put("many.zip", zipped(*(("%d.xml" % i, xml()) for i in range(1100))), 1100, 7700)
put("litter.zip", zipped(("__MACOSX/._a.xml", b"\0\5\x16\7"), ("d/", b""), ("d\\a.xml", xml())))
put("v7.tar", b"".join([b"a.xml".ljust(100, b"\0"), b"0000644\0" + b"0000000\0" * 2, b"%011o\0" % len(bare), b"%011o\0" % 0,
                        b"%06o\0 " % (sum(b"a.xml" + b"0000644" + b"0000000" * 2 + b"%011o" % len(bare) + b"0" * 11) + 8 * 32 + 48),
                        b"0" + b"\0" * 355, bare.encode().ljust(1024, b"\0"), b"\0" * 1024]))
put("7z.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 60, 0, 0, "is a 7z archive, which is not read")
put("rar.rar", b"Rar!\x1a\x07\1\0" + b"\0" * 60, 0, 0, "is a RAR archive, which is not read")
locked = bytearray(zipped(("a.xml", xml()), kind=zipfile.ZIP_STORED))
locked[6] |= 1
locked[locked.find(b"PK\1\2") + 8] |= 1
put("password.zip", bytes(locked), 0, 0, "Passphrase required")
# bytes as text
put("base64.txt", b64(gz()))
put("base64-line.txt", base64.b64encode(gz()))
put("base64-twice.txt", b64(b64(gz())))
put("base64-mark.txt", b64("\ufeff" + xml()))
put("uuencode.txt", uu(gz()) + uu(gz()), 2, 14)
put("yenc.txt", yenc(gz()))
put("yenc.eml", mail(("Content-Type: text/plain", b"here\n" + yenc(gz()))))
put("uuencode.eml", mail(("Content-Type: text/plain", b"here\n" + uu(gz()) + b"\n" + uu(gz()))), 2, 14)
# transfer encodings that lie
put("says-base64.eml", mail(TEXT, part(gz(), encode=as_is)))
put("says-base64-xml.eml", mail(TEXT, part(xml().encode(), encode=as_is)))
put("says-nothing.eml", mail(TEXT, part(gz(), encoding="")))
put("base64-of-base64.eml", mail(TEXT, part(b64(gz()))))
put("quoted-printable.eml", mail(TEXT, part(xml().encode(), encoding="quoted-printable", encode=quopri.encodestring)))
put("blank-first.eml", mail(TEXT, part(b"\r\n" + gz())))
put("html.eml", mail(("Content-Type: text/html", "<pre>" + xml().replace("<", "&lt;").replace(">", "&gt;") + "</pre>")))
# mails in mails
put("forwarded.eml", mail(TEXT, (RFC822, mail(TEXT, (RFC822, report_mail()))), subject="Fwd: see"))
put("forwarded-base64.eml", mail(TEXT, (RFC822 + "\nContent-Transfer-Encoding: base64", b64(report_mail())), subject="Fwd: see"))
put("digest.eml", mail(("", report_mail()), ("", report_mail()), subject="digest", kind="multipart/digest"), 2, 14)
put("eml-in-zip.eml", mail(TEXT, part(zipped(("a.eml", report_mail()), ("b.eml", report_mail())), "mails.zip", "application/zip")), 2, 14)
put("eml-in-gz.eml", mail(TEXT, part(gz(report_mail()), "a.eml.gz")))
mbox = b"".join(b"From x@example.com Sat Nov 21 10:00:00 2026\n" + report_mail() + b"\n" for _ in range(2))
put("mbox.eml", mail(TEXT, part(mbox, "all.mbox", "application/mbox")), 2, 14)
put("mbox.zip", zipped(("inbox", mbox)), 2, 14)
put("mbox.tar", tarred(("mail/inbox", mbox)), 2, 14)
put("mails.tar.gz", tarred(("1.eml", report_mail()), ("2.eml", report_mail()), ("3.xml", xml()), mode="w:gz"), 3, 21)
put("several.eml", mail(TEXT, part(zipped(("a.xml", xml()), ("b.xml", xml()))), part(gz()), part(gz(tls()), "t.json.gz")), 4, 28)
inner = mail(TEXT, part(gz())).split(b"MIME-Version: 1.0\n")[1].replace(b"\n", b"\r\n")
put("smime.eml", mail(part(signed(inner), "smime.p7m", "application/pkcs7-mime")))
put("smime-pieces.eml", mail(part(signed(inner.replace(b"see", b"sea"), True), "smime.p7m", "application/x-pkcs7-mime")))
put("smime-file.eml", mail(part(signed(inner.replace(b"see", b"saw")), "smime.p7m", "application/octet-stream")))
put("smime-cut.eml", mail(part(signed(inner)[:200], "smime.p7m", "application/pkcs7-mime")), 0, 0, "announces a report, and none")
put("encrypted.eml", mail(part(der(0x30, OID + b"\3\xa0\2\x30\0"), "smime.p7m", "application/pkcs7-mime")), 0, 0, "is encrypted (S/MIME)")
put("pgp.eml", mail(part(b"-----BEGIN PGP MESSAGE-----\n\nabc\n", "encrypted.asc", "application/octet-stream")), 0, 0, "is encrypted (PGP)")
put("7z.eml", mail(TEXT, part(b"7z\xbc\xaf\x27\x1c" + b"\0" * 60, "r.7z", "application/x-7z-compressed"), subject="DMARC"), 0, 0, "r.7z is a 7z archive")
put("password.eml", mail(TEXT, part(bytes(locked), "r!example.com!1!2.zip", "application/zip")), 0, 0, "r!example.com!1!2.zip: Passphrase")
put("empty.eml", mail(TEXT, part(b"")), 0, 0, "holds no report")
# mails that have nothing to do with reports, whatever they carry
for name, data in (("photos.zip", zipped(("a.jpg", b"\xff\xd8\xff"))), ("letter.docx", zipped(("word/document.xml", "<w:document/>"))),
                   ("cut.zip", zipped(("a.txt", "hello"))[:30]), ("secret.zip", bytes(locked)), ("notes.gz", gz("hello")),
                   ("old.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 60)):
    put(name + ".eml", mail(TEXT, part(data, name, "application/octet-stream"), subject="as promised"), "message", 0)
