#!/usr/bin/env python3
"""Runs the public suite of ARC chain validation through "waybill check".

Usage: arc_suite.py SUITE.yml SCRATCH; prints TAP lines and a total.  Each
scenario's TXT records become a DNS snapshot, each message a file with CRLF."""
import json
import os
import subprocess
import sys

import yaml

suite, scratch = sys.argv[1:3]
waybill = os.environ['WAYBILL']
number = good = 0


def quoted(text):
    text = text.replace('\\', '\\\\').replace('"', '\\"')
    return ' '.join('"%s"' % text[i:i + 250] for i in range(0, len(text), 250)) or '""'


for k, scenario in enumerate(yaml.safe_load_all(open(suite, encoding='utf-8'))):
    zone = os.path.join(scratch, 'arc-%d.zone' % k)
    with open(zone, 'w', encoding='utf-8') as f:
        f.write(';@ default nxdomain\n')
        for name, text in (scenario['txt-records'] or {}).items():
            f.write('%s. IN TXT %s\n' % (name, quoted(text)))
    names, files = [], []
    for name, test in scenario['tests'].items():
        path = os.path.join(scratch, name + '.eml')
        with open(path, 'wb') as f:
            f.write((test['message'] or '').replace('\r\n', '\n').replace('\n', '\r\n').encode())
        names.append(name)
        files.append(path)
    out = subprocess.run([waybill, 'check', '--json', '--dns', zone, '--now', '2018-01-01'] + files,
                         stdout=subprocess.PIPE).stdout
    got = {os.path.basename(o['file'])[:-4]: o['arc'] for o in map(json.loads, out.decode().splitlines())}
    for name in names:
        want = (scenario['tests'][name]['cv'] or 'Fail').lower()
        arc = got.get(name, {'result': 'no answer'})
        number += 1
        good += arc['result'] == want
        print('%sok %d - %s%s' % ('' if arc['result'] == want else 'not ', number, name,
                                  '' if arc['result'] == want else ': wanted %s, got %s' % (want, arc)))
print('# ARC suite: %d of %d' % (good, number))
