"""Writes the samples of Outlook messages: make_msg.py FOLDER

A compound file (MS-CFB, version 3) with the properties of MS-OXMSG.  Trees of directory entries are lists here
(each entry's right neighbour is the next): readers must follow them in whatever shape they are."""
import gzip
import os
import struct
import sys

FREE, END, FATSECT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
CUTOFF = 4096


def compound(root):
    """root: {name: bytes or dict}"""
    entries = []  # name, type, right, child, start, size

    def add(children):
        first = previous = None
        for name, what in children.items():
            i = len(entries)
            entries.append([name, 1 if isinstance(what, dict) else 2, NONE, NONE, 0, what])
            if previous is None:
                first = i
            else:
                entries[previous][2] = i
            previous = i
            if isinstance(what, dict):
                entries[i][3] = add(what)
        return NONE if first is None else first

    entries.append(["Root Entry", 5, NONE, NONE, 0, b""])
    entries[0][3] = add(root)
    sectors, fat, mini, mini_fat = [], [], b"", []

    def put(data):
        start = len(sectors)
        n = max(1, -(-len(data) // 512))
        for k in range(n):
            sectors.append(data[512 * k : 512 * k + 512].ljust(512, b"\0"))
            fat.append(start + k + 1 if k + 1 < n else END)
        return start

    for e in entries[1:]:
        if e[1] != 2:
            continue
        data, e[5] = e[5], len(e[5])
        if e[5] >= CUTOFF:
            e[4] = put(data)
        elif e[5]:
            e[4], n = len(mini_fat), -(-len(data) // 64)
            mini += data.ljust(64 * n, b"\0")
            mini_fat += [e[4] + k + 1 if k + 1 < n else END for k in range(n)]
    entries[0][4], entries[0][5] = (put(mini), len(mini)) if mini else (END, 0)
    table = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    mini_start, mini_sectors = (put(table.ljust(-(-len(table) // 512) * 512, b"\xff")), -(-len(table) // 512)) if table else (END, 0)
    directory = b""
    for name, kind, right, child, start, size in entries:
        wide = name.encode("utf-16-le")
        directory += wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide) + 2, kind, 1, NONE, right, child)
        directory += b"\0" * 36 + struct.pack("<IQ", start, 0 if kind == 1 else size)
    directory_start = put(directory)
    n = 1
    while n * 128 < len(sectors) + n:
        n += 1
    first = len(sectors)
    fat += [FATSECT] * n + [FREE] * (n * 128 - len(fat) - n)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, n, directory_start, 0, CUTOFF, mini_start, mini_sectors, END, 0)
    names = list(range(first, first + n))
    header += struct.pack("<109I", *(names + [FREE] * (109 - n)))
    return header + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def text(p, s):
    return {f"__substg1.0_{p:04X}001F": s.encode("utf-16-le")}


def narrow(p, s, charset):
    return {f"__substg1.0_{p:04X}001E": s.encode(charset)}


def binary(p, b):
    return {f"__substg1.0_{p:04X}0102": b}


def fixed(header, *properties):  # (id, type, value)
    return {"__properties_version1.0": b"\0" * header + b"".join(struct.pack("<HHIQ", t, p, 6, v) for p, t, v in properties)}


def attachment(name, data, media_type):
    return {**fixed(8, (0x3705, 3, 1)), **binary(0x3701, data), **text(0x3707, name), **text(0x3704, name[:8]), **text(0x370E, media_type)}


def attach(*all_of_them):
    return {f"__attach_version1.0_#{i:08X}": a for i, a in enumerate(all_of_them)}


HEADERS = """Received: from out.receiver.example (out.receiver.example [192.0.2.9])\r
 by mx.example.com with ESMTPS id 4abc; Thu, 01 Jan 2026 06:00:02 +0000\r
DKIM-Signature: v=1; a=rsa-sha256; d=receiver.example; s=a; h=from; bh=x; b=y\r
From: DMARC <dmarc@receiver.example>\r
To: reports@example.com\r
Subject: %s\r
Message-ID: <%s@receiver.example>\r
Date: Thu, 01 Jan 2026 06:00:00 +0000\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed;\r
 boundary="gone"\r
\r
"""
DMARC = """<?xml version="1.0"?><feedback><report_metadata><org_name>receiver.example</org_name><email>dmarc@receiver.example</email>
<report_id>%s</report_id><date_range><begin>1767225600</begin><end>1767311999</end></date_range></report_metadata>
<policy_published><domain>example.com</domain><p>none</p></policy_published>%s</feedback>"""
RECORD = """<record><row><source_ip>192.0.2.%d</source_ip><count>2</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>example.com</header_from></identifiers>
<auth_results><dkim><domain>example.com</domain><result>pass</result></dkim></auth_results></record>"""
TLS = """{"organization-name":"receiver.example","date-range":{"start-datetime":"2026-01-01T00:00:00Z",
"end-datetime":"2026-01-01T23:59:59Z"},"contact-info":"tls@receiver.example","report-id":"msg-1","policies":[{"policy":
{"policy-type":"no-policy-found","policy-domain":"example.com"},"summary":{"total-successful-session-count":5,
"total-failure-session-count":0}}]}"""


def report(report_id, records):
    return gzip.compress((DMARC % (report_id, "".join(RECORD % (i % 250 + 1) for i in range(records)))).encode(), mtime=0)


def mail(header, subject, *attachments):
    return {**fixed(header), **text(0x007D, HEADERS % (subject, subject.split()[-1])), **text(0x0037, subject),
            **text(0x1000, "A report is attached.\r\n"), **attach(*attachments)}


dmarc = mail(32, "Report msg-1", attachment("receiver.example!example.com!1767225600!1767311999.xml.gz", report("msg-1", 3), "application/gzip"))
plain = gzip.decompress(report("msg-2", 40))  # large enough to lie in sectors of its own
forwarded = {
    **fixed(32, (0x0039, 0x40, 134116992000000000)), **text(0x0037, "FW: reports"), **text(0x0C1F, "ann@example.com"),
    **text(0x0E04, "reports@example.com"), **text(0x1000, "Two of them."),
    **attach({**fixed(8, (0x3705, 3, 5)), "__substg1.0_3701000D": mail(24, "Report msg-2", attachment("report.xml", plain, "text/xml"))},
             attachment("saved.msg", compound(mail(32, "Report tls", attachment("tls.json", TLS.encode(), "application/tlsrpt+json"))), "application/vnd.ms-outlook")),
}
letter = {
    **fixed(32, (0x3FFD, 3, 1251), (0x3FDE, 3, 28592)), **narrow(0x007D, HEADERS % ("greetings", "letter"), "cp1251"),
    **narrow(0x1000, "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440.", "cp1251"), **binary(0x1013, "<p>Z\u0142oty</p>".encode("iso-8859-2")),
    **attach(attachment("note.bin", b"\0\1\2", "application/octet-stream")),
}
os.makedirs(sys.argv[1], exist_ok=True)
for name, root in (("dmarc", dmarc), ("forwarded", forwarded), ("letter", letter)):
    with open(os.path.join(sys.argv[1], name + ".msg"), "wb") as f:
        f.write(compound(root))
