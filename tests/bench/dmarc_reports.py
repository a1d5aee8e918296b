#!/usr/bin/env python3
"""Writes DMARC aggregate reports: FOLDER COUNT RECORDS; one of many records to FOLDER.xml.gz with COUNT 0."""
import gzip, os, sys

folder, count, records = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def record(report, i):
    n = report * 7919 + i
    passes = n % 5 != 0
    word = "pass" if passes else "fail"
    return (f"<record><row><source_ip>{10 + n % 13}.{n // 65025 % 256}.{n // 255 % 255}.{n % 255}</source_ip>"
            f"<count>{1 + n % 9}</count><policy_evaluated><disposition>{'none' if passes else 'reject'}</disposition>"
            f"<dkim>{word}</dkim><spf>{word}</spf></policy_evaluated></row><identifiers><envelope_from>bounce.example.com"
            f"</envelope_from><header_from>example.com</header_from></identifiers><auth_results><dkim><domain>example.com"
            f"</domain><selector>s{n % 3}</selector><result>{word}</result></dkim><spf><domain>bounce.example.com</domain>"
            f"<scope>mfrom</scope><result>{word}</result></spf></auth_results></record>\n")


def write(path, report, n):
    begin = 1790000000 + report % 30 * 86400
    with gzip.open(path, "wt", 6) as f:
        f.write('<?xml version="1.0" encoding="UTF-8"?>\n<feedback><version>1.0</version><report_metadata>'
                f"<org_name>receiver{report % 40}.example</org_name><email>dmarc@receiver{report % 40}.example</email>"
                f"<report_id>{report}.{begin}</report_id><date_range><begin>{begin}</begin><end>{begin + 86399}</end>"
                "</date_range></report_metadata><policy_published><domain>example.com</domain><adkim>r</adkim><aspf>r</aspf>"
                "<p>reject</p><sp>reject</sp><pct>100</pct></policy_published>\n")
        for i in range(n):
            f.write(record(report, i))
        f.write("</feedback>\n")


if count == 0:
    write(folder + ".xml.gz", 0, records)
else:
    os.makedirs(folder)
    for r in range(count):
        write(f"{folder}/receiver{r % 40}.example!example.com!{r}.xml.gz", r, records)
