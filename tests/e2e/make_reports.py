"""Writes N mails, each with a DMARC report of two records: make_reports.py N FOLDER [FIRST]"""
import base64
import gzip
import os
import sys

n, folder, first = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0
os.makedirs(folder, exist_ok=True)
RECORD = """<record><row><source_ip>192.0.2.%d</source_ip><count>%d</count><policy_evaluated>
<disposition>none</disposition><dkim>pass</dkim><spf>%s</spf></policy_evaluated></row>
<identifiers><header_from>example.com</header_from></identifiers>
<auth_results><spf><domain>example.com</domain><result>%s</result></spf></auth_results></record>"""
for i in range(first, first + n):
    begin = 1767225600 + 86400 * i
    records = "".join(RECORD % (k + 1, i + k + 1, *["pass" if k else "fail"] * 2) for k in range(2))
    xml = f"""<?xml version="1.0"?><feedback><report_metadata><org_name>receiver.example</org_name>
<email>dmarc@receiver.example</email><report_id>{i}</report_id><date_range><begin>{begin}</begin><end>{begin + 86399}</end>
</date_range></report_metadata><policy_published><domain>example.com</domain><p>none</p></policy_published>{records}</feedback>"""
    body = base64.encodebytes(gzip.compress(xml.encode(), mtime=0)).decode()
    name = f"receiver.example!example.com!{begin}!{begin + 86399}.xml.gz"
    with open(os.path.join(folder, f"{i:06}.eml"), "w") as f:
        f.write(f"""From: dmarc@receiver.example
To: reports@example.com
Subject: Report Domain: example.com Submitter: receiver.example Report-ID: {i}
Message-ID: <{i}@receiver.example>
Date: Thu, 01 Jan 2026 00:00:00 +0000
MIME-Version: 1.0
Content-Type: application/gzip; name="{name}"
Content-Disposition: attachment; filename="{name}"
Content-Transfer-Encoding: base64

{body}""")
