#!/usr/bin/env python3
"""Reads the openspf test suite with the standard library alone.

Usage: spf_suite.py SUITE.yml OUTDIR

For each scenario writes OUTDIR/N.zone, a DNS snapshot, and prints one line per
test: zone, name, ip, helo, mail from, wanted results (comma-separated), wanted
explanation, separated by US (0x1f); empty fields are "-"  where not given.
The reader understands the YAML that such suites use: block maps and lists,
plain and quoted scalars, flow lists, folded and literal blocks, comments."""
import re
import sys


def unquote(text):
    """A scalar: bytes-transparent str (each char one byte)."""
    text = text.strip()
    if text.startswith('"'):
        body = text[1:text.rindex('"')]
        out, i = [], 0
        simple = {'n': '\n', 'r': '\r', 't': '\t', '0': '\0', '"': '"', '\\': '\\', '/': '/', ' ': ' '}
        while i < len(body):
            if body[i] != '\\':
                out.append(body[i])
                i += 1
            elif body[i + 1] == 'x':
                out.append(chr(int(body[i + 2:i + 4], 16)))
                i += 4
            else:
                out.append(simple[body[i + 1]])
                i += 2
        return ''.join(out)
    if text.startswith("'"):
        return text[1:text.rindex("'")].replace("''", "'")
    return re.sub(r'\s+#.*$', '', text)


def flow(text):
    """A flow list such as [a, 'b, c', [1, d]], or a scalar."""
    def value(i):
        while text[i] == ' ':
            i += 1
        if text[i] == '[':
            items, i = [], i + 1
            while True:
                while text[i] in ' ,':
                    i += 1
                if text[i] == ']':
                    return items, i + 1
                item, i = value(i)
                items.append(item)
        if text[i] in '"\'':
            quote, j = text[i], i + 1
            while text[j] != quote:
                j += 2 if text[j] == '\\' and quote == '"' else 1
            return unquote(text[i:j + 1]), j + 1
        j = i
        while text[j] not in ',]':
            j += 1
        return text[i:j].strip(), j
    return value(0)[0]


class Lines:
    def __init__(self, lines):
        self.lines, self.at = lines, 0

    def peek(self):
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and not line.lstrip().startswith('#'):
                return len(line) - len(line.lstrip(' ')), line.strip()
            self.at += 1
        return -1, ''


def scalar(lines, indent, text):
    """The value that starts with text behind a key of that indent."""
    if re.match(r'[>|][-+]?$', text):
        parts = []
        while lines.at < len(lines.lines):
            line = lines.lines[lines.at]
            if line.strip() and len(line) - len(line.lstrip(' ')) <= indent:
                break
            parts.append(line.strip())
            lines.at += 1
        return ' '.join(p for p in parts if p)
    # quoted scalars and flow lists may go on
    while (text.startswith('"') and not re.match(r'"([^"\\]|\\.)*"', text)) or \
            (text.startswith('[') and text.count('[') != text.count(']')):
        text += ' ' + lines.lines[lines.at].strip()
        lines.at += 1
    if text.startswith('['):
        return flow(text)
    if not text.startswith(('"', "'")):
        # a plain scalar goes on in lines indented more
        while True:
            deep, more = lines.peek()
            if deep <= indent or re.match(r'[^\s:]+:(\s|$)', more) or more.startswith('- '):
                break
            text += ' ' + more
            lines.at += 1
    return unquote(text)


KEY = re.compile(r'("(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s\'"\[-][^:]*(?::[^\s:][^:]*)*|[^\s:]+)\s*:(?:\s+(.*))?$')


def block(lines, indent):
    deep, text = lines.peek()
    if deep < indent:
        return None
    if text.startswith('- ') or text == '-':
        items = []
        while True:
            at, text = lines.peek()
            if at != deep or not text.startswith('-'):
                return items
            inner = text[1:].lstrip()
            pad = deep + len(text) - len(inner)
            m = KEY.match(inner)
            if m and not inner.startswith(('[', '"')):
                lines.lines[lines.at] = ' ' * pad + inner
                items.append(block(lines, pad))
            else:
                lines.at += 1
                items.append(scalar(lines, deep, inner))
    result = {}
    while True:
        at, text = lines.peek()
        if at != deep or text.startswith('- '):
            return result
        m = KEY.match(text)
        if not m:
            raise SystemExit('cannot read: ' + text)
        lines.at += 1
        key, rest = unquote(m.group(1)), m.group(2) or ''
        if rest and not rest.startswith('#'):
            result[key] = scalar(lines, deep, rest)
            continue
        inner, text = lines.peek()
        if inner > deep or (inner == deep and text.startswith('- ')):
            result[key] = block(lines, inner)
        else:
            result[key] = ''


def escape(text, quoted):
    out = []
    for c in text:
        o = ord(c)
        if quoted and c in '"\\':
            out.append('\\' + c)
        elif o < 33 and not (quoted and c == ' ') or o > 126:
            out.extend('\\%03d' % b for b in c.encode('latin-1' if o < 256 else 'utf-8'))
        elif not quoted and c in '();"@$\\':
            out.append('\\' + c)
        else:
            out.append(c)
    return ''.join(out)


def name(text):
    return escape(text, False).rstrip('.') + '.'


def strings(value):
    parts = value if isinstance(value, list) else [value]
    return ' '.join('"' + escape(p[i:i + 255], True) + '"' for p in parts or [''] for i in range(0, max(len(p), 1), 255))


def records(zone):
    out = [';@ default nxdomain']
    for owner, items in zone.items():
        # SPF records stand for TXT ones unless the name has TXT records (or says it has none)
        has_txt = any(isinstance(i, dict) and 'TXT' in i for i in items)
        n = name(owner)
        for item in items:
            if item == 'TIMEOUT':
                out.append(';@ timeout ' + n)
                continue
            (kind, value), = item.items()
            if kind == 'SPF' and not has_txt:
                out.append('%s IN TXT %s' % (n, strings(value)))
            elif kind == 'TXT' and value != 'NONE':
                out.append('%s IN TXT %s' % (n, strings(value)))
            elif kind == 'TXT':
                continue  # NONE: no record, and none made from SPF
            elif kind == 'MX':
                out.append('%s IN MX %s %s' % (n, value[0], name(value[1])))
            elif kind in ('PTR', 'CNAME'):
                out.append('%s IN %s %s' % (n, kind, name(value)))
            elif kind in ('A', 'AAAA'):
                out.append('%s IN %s %s' % (n, kind, value))
            elif kind == 'SPF':
                out.append('%s IN SPF %s' % (n, strings(value)))
    return '\n'.join(out) + '\n'


def main():
    text = open(sys.argv[1], encoding='utf-8').read()
    count = 0
    for document in re.split(r'(?m)^---.*$', text):
        lines = Lines(document.split('\n'))
        if lines.peek()[0] < 0:
            continue
        scenario = block(lines, 0)
        count += 1
        path = '%s/%d.zone' % (sys.argv[2], count)
        with open(path, 'w', encoding='ascii') as f:
            f.write(records(scenario['zonedata']))
        for test, t in scenario['tests'].items():
            result = t['result'] if isinstance(t['result'], list) else [t['result']]
            explanation = t.get('explanation', '-')
            print('\x1f'.join([path, test, t['host'], t.get('helo', ''), t.get('mailfrom', ''), ','.join(result),
                               explanation]))


main()
