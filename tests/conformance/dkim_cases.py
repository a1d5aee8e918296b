#!/usr/bin/env python3
"""Signs messages with DKIM by an implementation of its own (standard library
alone, RSA and Ed25519 by plain arithmetic) and asks "waybill check" about them.

Usage: dkim_cases.py SCRATCH FIRST_NUMBER; prints TAP lines."""
import base64
import hashlib
import json
import os
import random
import re
import subprocess
import sys

WAYBILL = os.environ.get('WAYBILL', 'waybill')


# --- arithmetic -------------------------------------------------------------

def is_prime(n, rounds=20):
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for _ in range(rounds):
        x = pow(rng.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits):
    while True:
        p = rng.getrandbits(bits) | 1 | 3 << bits - 2
        if p % 65537 != 1 and all(p % q for q in (3, 5, 7, 11, 13, 17, 19, 23)) and is_prime(p):
            return p


class Rsa:
    kind = 'rsa'

    def __init__(self, bits):
        p, q = prime(bits // 2), prime(bits // 2)
        self.n, self.e = p * q, 65537
        self.d = pow(self.e, -1, (p - 1) * (q - 1))
        self.size = (self.n.bit_length() + 7) // 8

    def sign(self, data, sha1=False):
        prefix, digest = (('3021300906052b0e03021a05000414', hashlib.sha1) if sha1 else
                          ('3031300d060960864801650304020105000420', hashlib.sha256))
        t = bytes.fromhex(prefix) + digest(data).digest()
        m = b'\0\1' + b'\xff' * (self.size - len(t) - 3) + b'\0' + t
        return pow(int.from_bytes(m, 'big'), self.d, self.n).to_bytes(self.size, 'big')

    def bare(self):
        return der(0x30, integer(self.n) + integer(self.e))

    def public(self):
        return der(0x30, bytes.fromhex('300d06092a864886f70d0101010500') + der(3, b'\0' + self.bare()))


def der(tag, value):
    n = len(value)
    length = bytes([n]) if n < 128 else bytes([0x80 + (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, 'big')
    return bytes([tag]) + length + value


def integer(v):
    return der(2, v.to_bytes(v.bit_length() // 8 + 1, 'big'))


class Ed25519:
    """RFC 8032, section 5.1, in affine coordinates."""
    kind = 'ed25519'
    p = 2 ** 255 - 19
    q = 2 ** 252 + 27742317777372353535851937790883648493
    d = -121665 * pow(121666, -1, p) % p
    by = 4 * pow(5, -1, p) % p

    def __init__(self, seed):
        h = hashlib.sha512(seed).digest()
        self.a = int.from_bytes(h[:32], 'little') & (2 ** 254 - 8) | 2 ** 254
        self.prefix = h[32:]
        x2 = (self.by ** 2 - 1) * pow(self.d * self.by ** 2 + 1, -1, self.p)
        x = pow(x2, (self.p + 3) // 8, self.p)
        if (x * x - x2) % self.p:
            x = x * pow(2, (self.p - 1) // 4, self.p) % self.p
        self.base = (self.p - x if x & 1 else x, self.by)
        self.key = self.encode(self.multiply(self.a, self.base))

    def add(self, s, t):
        (x1, y1), (x2, y2) = s, t
        k = self.d * x1 * x2 * y1 * y2
        return ((x1 * y2 + x2 * y1) * pow(1 + k, -1, self.p) % self.p, (y1 * y2 + x1 * x2) * pow(1 - k, -1, self.p) % self.p)

    def multiply(self, n, t):
        result = (0, 1)
        while n:
            if n & 1:
                result = self.add(result, t)
            t, n = self.add(t, t), n >> 1
        return result

    def encode(self, t):
        return (t[1] | (t[0] & 1) << 255).to_bytes(32, 'little')

    def sign(self, data, sha1=False):
        m = hashlib.sha256(data).digest()
        r = int.from_bytes(hashlib.sha512(self.prefix + m).digest(), 'little') % self.q
        big = self.encode(self.multiply(r, self.base))
        k = int.from_bytes(hashlib.sha512(big + self.key + m).digest(), 'little')
        return big + ((r + k * self.a) % self.q).to_bytes(32, 'little')

    def public(self):
        return self.key


# --- canonical forms --------------------------------------------------------

def relaxed_field(field):
    name, value = field.split(b':', 1)
    value = re.sub(rb'[ \t]+', b' ', value.replace(b'\r\n', b'')).strip(b' \t')
    return name.rstrip(b' \t').lower() + b':' + value + b'\r\n'


def canon_body(body, relaxed):
    if relaxed:
        body = b'\r\n'.join(re.sub(rb'[ \t]+', b' ', line).rstrip(b' ') for line in body.split(b'\r\n'))
    body = re.sub(rb'(\r\n)+\Z', b'', body)
    if relaxed:
        return body + b'\r\n' if body else b''
    return body + b'\r\n'


def fields_of(head):
    return re.findall(rb'[^\r\n](?:[^\r\n]|\r(?!\n)|\n|\r\n[ \t])*\r\n', head)


def sign(key, message, c='relaxed/relaxed', h='from:to:subject:date', sha1=False, tags='', order=None, length=None,
         domain='example.com', selector='rsa', algorithm=None, version='v=1; ', last=';', fold=''):
    head, _, body = message.partition(b'\r\n\r\n')
    head += b'\r\n'
    hc, _, bc = (c or 'simple/simple').partition('/')
    canon = canon_body(body, bc == 'relaxed')
    if length is not None:
        canon = canon[:length]
        tags += ' l=%d;' % length
    bh = base64.b64encode((hashlib.sha1 if sha1 else hashlib.sha256)(canon).digest()).decode()
    a = algorithm or ('ed25519-sha256' if key.kind == 'ed25519' else 'rsa-sha1' if sha1 else 'rsa-sha256')
    parts = '%sa=%s;%s d=%s; s=%s;%s h=%s; bh=%s' % (version, a, ' c=%s;' % c if c else '', domain, selector, tags, h, bh)
    start = 'DKIM-Signature: '
    if order == 'first':
        make = lambda b: (start + 'b=%s; ' % b + parts + last + '\r\n').encode()
    else:
        make = lambda b: (start + parts + ';\r\n b=%s%s\r\n' % (fold + b, last)).encode()
    available = fields_of(head)
    canon_field = relaxed_field if hc == 'relaxed' else (lambda f: f)
    data = b''
    for name in h.split(':'):
        for i in range(len(available) - 1, -1, -1):
            if available[i].split(b':', 1)[0].rstrip(b' \t').lower() == name.strip().lower().encode():
                data += canon_field(available.pop(i))
                break
    # the white space around the value goes as well (RFC 6376 section 3.7)
    empty = make('').replace((' b=' + fold + last).encode(), (' b=' + last.strip()).encode())
    data += canon_field(empty)[:-2]
    b = base64.b64encode(key.sign(data, sha1)).decode()
    return make((fold or '').join(b[i:i + 60] for i in range(0, len(b), 60)) if fold else b) + message


MESSAGE = (b'Received: from a.example by b.example; Thu, 01 Jan 2026 00:00:10 +0000\r\n'
           b'Received: from c.example by a.example; Thu, 01 Jan 2026 00:00:05 +0000\r\n'
           b'From: Joe <joe@example.com>\r\nTo: sue@example.net\r\n'
           b'Subject:\r\n a  folded\t subject\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n'
           b'\r\nHello  there, \t\r\n\r\n  indented\tline \r\nFrom me\r\n\r\n\r\n')
HEAD = MESSAGE.partition(b'\r\n\r\n')[0] + b'\r\n\r\n'
RECEPTION = 1767225610  # the time of the topmost Received


def cases():
    ok = 'pass/yes'
    for c in ('simple/simple', 'simple/relaxed', 'relaxed/simple', 'relaxed/relaxed', 'relaxed', 'simple', None):
        yield 'c=%s' % c, sign(rsa, MESSAGE, c=c), ok
    for c in ('simple/simple', 'relaxed/relaxed'):
        yield 'bare LF, ' + c, sign(rsa, MESSAGE, c=c).replace(b'\r\n', b'\n'), ok + '/CRLF'
        quoted = sign(rsa, MESSAGE, c=c).replace(b'\r\nFrom me', b'\r\n>From me')
        yield '>From, ' + c, quoted, ok + '/>From'
        yield '>From and bare LF, ' + c, quoted.replace(b'\r\n', b'\n'), ok + '/CRLF, >From'
        yield 'mbox From line, ' + c, b'From joe@example.com Thu Jan  1 00:00:00 2026\n' + sign(rsa, MESSAGE, c=c).replace(b'\r\n', b'\n'), ok + '/CRLF'
        dots = MESSAGE.replace(b'Hello', b'.Hello')
        both = MESSAGE.replace(b'From me', b'From me\r\n>From you\r\n>>From him')
        stored = sign(rsa, both, c=c).replace(b'\r\nFrom me', b'\r\n>From me')
        yield 'From quoted, >From not, ' + c, stored, ok + '/some >From'
        yield 'From quoted, >From not, bare LF, Status: added, ' + c, \
            b'Status: RO\n' + sign(rsa, both, c=c, h='from:status').replace(b'\r\nFrom me', b'\r\n>From me').replace(b'\r\n', b'\n'), ok + '/CRLF, some >From, added fields'
        yield 'line ends converted twice, ' + c, sign(rsa, MESSAGE, c=c).replace(b'\r\n', b'\r\r\n'), ok + '/CR CR LF'
        yield 'padding of NULs, ' + c, sign(rsa, MESSAGE, c=c) + bytes(9), ok + '/padding'
        yield 'end of an IMAP literal, bare LF, ' + c, sign(rsa, MESSAGE, c=c).replace(b'\r\n', b'\n') + b')\n', ok + '/padding, CRLF'
        yield 'a body that ends in ")", ' + c, sign(rsa, MESSAGE + b')\r\n', c=c), ok
        yield 'blank lines before the header, ' + c, b'\r\n\r\n' + sign(rsa, MESSAGE, c=c), ok
        emlx = sign(rsa, MESSAGE, c=c).replace(b'\r\n', b'\n')
        yield 'kept by Apple Mail, ' + c, b'%-10d\n' % len(emlx) + emlx + b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict/></plist>\n', ok + '/CRLF'
        yield 'dots of SMTP kept, ' + c, sign(rsa, dots, c=c).replace(b'.Hello', b'..Hello') + b'.\r\n', ok + '/dots'
        yield 'dots and bare LF, ' + c, (sign(rsa, dots, c=c).replace(b'.Hello', b'..Hello') + b'.\r\n').replace(b'\r\n', b'\n'), ok + '/CRLF, dots'
        yield 'Status: added though oversigned, ' + c, b'Status: RO\r\n' + sign(rsa, MESSAGE, c=c, h='from:from:to:subject:status'), ok + '/added fields'
        yield 'X-Mozilla-Status: added, bare LF, ' + c, (b'X-Mozilla-Status: 0001\r\n' + sign(rsa, MESSAGE, c=c, h='from:x-mozilla-status')).replace(b'\r\n', b'\n'), \
            ok + '/CRLF, added fields'
        yield 'empty body, ' + c, sign(rsa, HEAD, c=c), ok
        yield 'no body at all, ' + c, sign(rsa, HEAD, c=c)[:-2], ok
        yield 'body of empty lines, ' + c, sign(rsa, HEAD + b'\r\n\r\n\r\n', c=c), ok
        yield 'no line end at the end, ' + c, sign(rsa, HEAD + b'no end', c=c), ok
        yield 'line end lost at the end, ' + c, sign(rsa, HEAD + b'end\r\n', c=c)[:-2], ok
        yield 'CR is content, ' + c, sign(rsa, HEAD + b'a\rb \r\n\r\r\nc\r\n', c=c), ok
        yield 'bytes of any kind, ' + c, sign(rsa, HEAD + bytes(b for b in range(256) if b not in (10, 13)) + b'\r\n', c=c), ok
        yield 'long body, ' + c, sign(rsa, HEAD + b'x y  z\t\r\n' * 30000, c=c), ok
        yield 'space added in the body, ' + c, sign(rsa, MESSAGE, c=c).replace(b'Hello  there', b'Hello   there'), \
            ok if c == 'relaxed/relaxed' else 'fail/no'
        yield 'word changed in the body, ' + c, sign(rsa, MESSAGE, c=c).replace(b'Hello', b'Hallo'), 'fail/no'
        yield 'refolded subject, ' + c, sign(rsa, MESSAGE, c=c).replace(b'Subject:\r\n a', b'Subject: a'), \
            ok if c == 'relaxed/relaxed' else 'fail/no'
        yield 'space before the colon, ' + c, sign(rsa, MESSAGE.replace(b'Subject:', b'Subject \t:'), c=c), ok
        yield 'footer, ' + c, sign(rsa, MESSAGE, c=c) + b'-- \r\nlist\r\n', 'fail/no'
        for order, last, fold in (('first', ';', ''), ('first', '', ''), (None, ';', ''), (None, '', ''), (None, ' ;', '\r\n  '), (None, '', '\r\n\t')):
            yield 'b= %s, end %r, fold %r, %s' % (order or 'last', last, fold, c), sign(rsa, MESSAGE, c=c, order=order, last=last, fold=fold), ok
    for c in ('simple/simple', 'relaxed/relaxed'):
        yield 'a lone CR added at the end, ' + c, sign(rsa, HEAD + b'a\r\n', c=c) + b'\r', 'fail/no'
    yield 'white space alone in lines, relaxed', sign(rsa, HEAD + b'a\r\n  \t \r\n \r\n'), ok
    yield 'white space alone in the body, relaxed', sign(rsa, HEAD + b'  \r\n\t\r\n'), ok
    yield 'ed25519', sign(ed, MESSAGE, selector='ed'), ok
    yield 'ed25519, changed', sign(ed, MESSAGE, selector='ed').replace(b'Hello', b'Hallo'), 'fail/no'
    # fields
    yield 'oversigned From', sign(rsa, MESSAGE, h='from:from:to:subject'), ok
    yield 'second From added', b'From: evil@example.com\r\n' + sign(rsa, MESSAGE, h='from:from:to:subject'), 'fail/no'
    yield 'absent fields', sign(rsa, MESSAGE, h='from:cc:reply-to:x-none'), ok
    yield 'an absent field added', b'Cc: x@example.net\r\n' + sign(rsa, MESSAGE, h='from:cc'), 'fail/no'
    yield 'one Received, the lowest', b'Received: new\r\n' + sign(rsa, MESSAGE, h='from:received'), ok
    yield 'both Received, mixed case', b'Received: new\r\n' + sign(rsa, MESSAGE, h='RECEIVED : From: received'), ok
    yield 'h= without From', sign(rsa, MESSAGE, h='to:subject'), 'permerror/yes'
    yield 'its own name in h=', sign(rsa, MESSAGE, h='from:dkim-signature'), ok
    yield 'another signature signed', sign(rsa, sign(ed, MESSAGE, selector='ed'), h='from:dkim-signature:dkim-signature'), ok + ' ' + ok
    # lengths
    yield 'l= part of the body', sign(rsa, MESSAGE, length=5), ok
    yield 'l= and a footer', sign(rsa, MESSAGE, length=5) + b'more\r\n', ok
    yield 'l=0', sign(rsa, MESSAGE, length=0), ok
    yield 'l= more than there is', sign(rsa, MESSAGE, tags=' l=999999;'), 'fail/no'
    yield 'l= no number', sign(rsa, MESSAGE, tags=' l=-1;'), 'permerror/no'
    yield 'two signatures with other l=', sign(rsa, sign(rsa, MESSAGE, length=5), length=9), ok + ' ' + ok
    # tags
    for tags, want in (
            (' q=dns/txt;', ok), (' q=http/x:dns/txt;', ok), (' q=http/x;', 'neutral/yes'),
            (' i=@example.com;', ok), (' i=joe@sub.example.com;', ok), (' i=j=6Fe=40x@example.com;', ok),
            (' i=joe=40example.com;', ok), (' i=@example.net;', 'permerror/yes'), (' i=@badexample.com;', 'permerror/yes'),
            (' t=1767225600;', ok), (' t=1767225600; x=1767225700;', ok), (' x=1767225605;', 'fail/yes'),
            (' t=1767225600; x=1767225600;', 'permerror/yes'), (' t=soon;', 'permerror/yes'), (' x=99999999999999999999;', ok),
            (' t=1798761600;', ok), (' unknown=1; z=From:x|To:y;', ok), (' d=example.com;', 'permerror/yes'),
            (' junk;', 'permerror/yes'), (' ;', 'permerror/yes'), (' a-b=1;', 'permerror/yes'), (' 1x=1;', 'permerror/yes'),
            (' x_1=1;', ok)):
        yield 'tags' + tags, sign(rsa, MESSAGE, tags=tags), want
    yield 'version 2', sign(rsa, MESSAGE, version='v=2; '), 'permerror/yes'
    yield 'no version', sign(rsa, MESSAGE, version=''), 'permerror/yes'
    yield 'no version, legacy', sign(rsa, MESSAGE, version=''), ok, '--dkim-legacy'
    yield 'capitals in d=', sign(rsa, MESSAGE, domain='EXAMPLE.com'), ok
    yield 'unknown algorithm', sign(rsa, MESSAGE, algorithm='rsa-md5'), 'permerror/no'
    yield 'unknown canonicalization', sign(rsa, MESSAGE).replace(b'c=relaxed/relaxed', b'c=nowsp'), 'permerror/no'
    yield 'no selector', sign(rsa, MESSAGE).replace(b's=rsa;', b''), 'permerror/no'
    yield 'b= is no base64', sign(rsa, MESSAGE).replace(b'\r\n b=', b'\r\n b=!'), 'permerror/no'
    yield 'bh= cut short', re.sub(rb'bh=....', b'bh=', sign(rsa, MESSAGE)), 'fail/no'
    # keys
    for selector, want in (
            ('nokey', 'permerror/no'), ('revoked', 'permerror/no'), ('fails', 'temperror/no'), ('late', 'temperror/no'),
            ('nodata', 'permerror/no'), ('v2', 'permerror/no'), ('vlate', 'permerror/no'), ('bad', 'permerror/no'), ('cut', 'permerror/no'),
            ('edkey', 'permerror/no'), ('sha1only', 'permerror/yes'), ('tlsrpt', 'permerror/no'), ('services', ok),
            ('testing', ok), ('strict', ok), ('bare', ok), ('plain', ok), ('spaces', ok), ('unknown', ok), ('twice', ok),
            ('nohash', 'permerror/yes'), ('noservice', 'permerror/no'), ('gap', 'permerror/no'), ('spf', ok), ('quoted', 'permerror/no'), ('alias', ok), ('dup', 'permerror/no')):
        yield 'key ' + selector, sign(rsa, MESSAGE, selector=selector), want
    yield 'strict key, i= below d=', sign(rsa, MESSAGE, selector='strict', tags=' i=@sub.example.com;'), 'permerror/yes'
    yield 'key not recorded', sign(rsa, MESSAGE, domain='elsewhere.example'), 'unknown/no', '--dns', OPEN
    yield 'ed25519 key too short', sign(ed, MESSAGE, selector='edshort'), 'permerror/no'
    yield 'ed25519 with an RSA key', sign(ed, MESSAGE, selector='rsa'), 'permerror/no'
    yield 'rsa-sha1', sign(rsa, MESSAGE, sha1=True), 'policy/yes'
    yield 'rsa-sha1 allowed', sign(rsa, MESSAGE, sha1=True), ok, '--allow-rsa-sha1'
    yield 'rsa-sha1, changed', sign(rsa, MESSAGE, sha1=True).replace(b'Hello', b'Hallo'), 'fail/no'
    yield 'rsa-sha1, key for it alone', sign(rsa, MESSAGE, sha1=True, selector='sha1only'), 'policy/yes'
    yield '512 bits', sign(short, MESSAGE, selector='short'), 'policy/yes'
    yield '512 bits allowed', sign(short, MESSAGE, selector='short'), ok, '--min-rsa-bits', '512'
    yield '1024 bits not enough', sign(rsa, MESSAGE), 'policy/yes', '--min-rsa-bits', '2048'
    yield 'internationalized d=', sign(rsa, MESSAGE, domain='xn--bcher-kva.example'), ok
    yield 'internationalized d= in U-labels', sign(rsa, MESSAGE, domain='b\u00fccher.example'), ok


def txt(selector, *records, domain='example.com'):
    name = '%s._domainkey.%s. TXT ' % (selector, domain)
    return ''.join(name + ' '.join('"%s"' % r[i:i + 250] for i in range(0, max(len(r), 1), 250)) + '\n' for r in records)


def zone():
    b64 = lambda k: base64.b64encode(k.public()).decode()
    p, e = b64(rsa), b64(ed)
    bare = base64.b64encode(rsa.bare()).decode()
    good = 'v=DKIM1; k=rsa; p=' + p
    z = txt('rsa', good) + txt('ed', 'v=DKIM1; k=ed25519; p=' + e) + txt('short', 'v=DKIM1; p=' + b64(short))
    z += txt('revoked', 'v=DKIM1; p=') + txt('v2', 'v=DKIM2; p=' + p) + txt('vlate', 'k=rsa; v=DKIM1; p=' + p)
    z += txt('bad', 'v=DKIM1; p=!!' + p) + txt('cut', 'v=DKIM1; p=' + p[:100]) + txt('edkey', 'k=ed25519; p=' + e)
    z += txt('sha1only', 'v=DKIM1; h=sha1; p=' + p) + txt('tlsrpt', 'v=DKIM1; s=tlsrpt; p=' + p)
    z += txt('services', 'v=DKIM1; s=other : email; h=sha1:sha256; p=' + p) + txt('testing', 'v=DKIM1; t=y; p=' + p)
    z += txt('nohash', 'v=DKIM1; h=; p=' + p) + txt('noservice', 'v=DKIM1; s=; p=' + p) + txt('gap', 'v=DKIM1;; p=' + p)
    z += txt('strict', 'v=DKIM1; t=y:s; p=' + p) + txt('bare', 'v=DKIM1; p=' + bare) + txt('plain', 'p=' + p)
    z += txt('spaces', 'v = DKIM1 ; p = ' + ' '.join(p[i:i + 40] for i in range(0, len(p), 40)) + ' ;')
    z += txt('unknown', 'v=DKIM1; n=a note; future=1; g=*; p=' + p) + txt('twice', good, 'v=DKIM1; p=' + b64(other))
    z += txt('spf', 'v=spf1 -all', good) + txt('quoted', '\\"' + good + '\\"') + txt('dup', 'v=DKIM1; p=%s; p=%s' % (p, p))
    z += txt('edshort', 'v=DKIM1; k=ed25519; p=' + base64.b64encode(ed.key[:31]).decode())
    z += txt('rsa', good, domain='xn--bcher-kva.example')
    z += 'alias._domainkey.example.com. CNAME rsa._domainkey.example.com.\n'
    z += ';@ servfail fails._domainkey.example.com.\n;@ timeout late._domainkey.example.com. TXT\n'
    z += ';@ nodata nodata._domainkey.example.com. TXT\n'
    return z


def setup():
    """Writes the zones."""
    for path, head in (ZONE, ';@ default nxdomain\n'), (OPEN, ''):
        with open(path, 'w', encoding='ascii') as f:
            f.write(head + zone())


def ask(path, *options):
    command = [WAYBILL, 'check', '--json'] + ([] if '--dns' in options else ['--dns', ZONE]) + list(options) + [path]
    out = subprocess.run(command, stdout=subprocess.PIPE)
    results = []
    for d in json.loads(out.stdout)['dkim']:
        results.append(d['result'] + ('/yes' if d['verified'] else '/no') + ('/' + d['repaired'] if 'repaired' in d else ''))
    return ' '.join(results)


rng = random.Random(20260101)
rsa, other, short, ed = Rsa(1024), Rsa(1024), Rsa(512), Ed25519(b'\7' * 32)
ZONE, OPEN = sys.argv[1] + '/dkim.zone', sys.argv[1] + '/open.zone'


def main():
    number = int(sys.argv[2])
    setup()
    path = sys.argv[1] + '/case.eml'
    for title, message, want, *options in cases():
        with open(path, 'wb') as f:
            f.write(message)
        got = ask(path, *options)
        print(('ok %d - %s' % (number, title)) if got == want else
              ('not ok %d - %s: wanted %s, got %s' % (number, title, want, got)))
        number += 1


if __name__ == '__main__':
    main()
