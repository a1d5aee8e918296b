#!/usr/bin/env python3
"""Writes signed messages of 4 KB and 100 KB, RSA-2048 and Ed25519, and their keys: dkim_messages.py FOLDER"""
import base64
import os
import sys

folder = sys.argv[1]
sys.argv = [sys.argv[0], folder, '1']
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'conformance'))
import dkim_cases as d  # noqa: E402

rsa = d.Rsa(2048)
with open(folder + '/keys.zone', 'w') as f:
    f.write(d.txt('rsa', 'v=DKIM1; k=rsa; p=' + base64.b64encode(rsa.public()).decode()))
    f.write(d.txt('ed', 'v=DKIM1; k=ed25519; p=' + base64.b64encode(d.ed.public()).decode()))
line = b'The quick brown fox jumps over the lazy dog and goes on and on.\r\n'
for name, key, selector in ('rsa2048', rsa, 'rsa'), ('ed25519', d.ed, 'ed'):
    for size in 4, 100:
        message = d.sign(key, d.HEAD + line * (size * 1024 // len(line)), selector=selector, h='from:to:subject:date:message-id:mime-version')
        with open('%s/%s-%dkb' % (folder, name, size), 'wb') as f:
            f.write(message)
